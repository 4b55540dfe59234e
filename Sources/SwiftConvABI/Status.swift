import CPlatform
import CSwiftConv
import SwiftConv

/// Runs the body of an ABI function; an error becomes a status, and its text this thread's latest.
@inline(__always)
func guarded(_ body: () throws -> Void) -> sc_status {
  do {
    try body()
    return sc_status(SC_OK)
  } catch let error as TensorError {
    setErrorText(error.message)
    return error.kind.rawValue
  } catch {
    setErrorText("\(error)")
    return TensorError.Kind.runtime.rawValue
  }
}

/// Keeps as much of the text as fits, cut between characters.
private func setErrorText(_ text: String) {
  guard let buffer = sc_error_text() else { return }
  let capacity = Int(SC_ERROR_TEXT_CAPACITY) - 1
  var bytes = Array(text.utf8.prefix(capacity))
  if text.utf8.count > capacity {
    while let last = bytes.last, last & 0xC0 == 0x80 { bytes.removeLast() }
    if let last = bytes.last, last & 0x80 != 0 { bytes.removeLast() }
  }
  for (index, byte) in bytes.enumerated() { buffer[index] = CChar(bitPattern: byte) }
  buffer[bytes.count] = 0
}

@_cdecl("sc_last_error")
public func sc_last_error() -> UnsafePointer<CChar> {
  UnsafePointer(sc_error_text())
}

// MARK: Handles

extension Tensor {
  /// One more reference, for the caller of the ABI.
  func handle() -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }
}

extension OpaquePointer {
  /// The tensor behind a handle, which stays the caller's.
  @inline(__always)
  var tensor: Tensor { unsafeBitCast(self, to: Tensor.self) }
}

/// The tensors behind an array of handles; NULL entries become nil.
@inline(__always)
func tensors(_ handles: UnsafePointer<OpaquePointer?>?, _ count: Int32) -> [Tensor?] {
  guard let handles, count > 0 else { return [] }
  return [Tensor?](unsafeUninitializedCapacity: Int(count)) { buffer, initialized in
    for index in 0..<Int(count) { buffer.initializeElement(at: index, to: handles[index]?.tensor) }
    initialized = Int(count)
  }
}

func required(_ handles: UnsafePointer<OpaquePointer?>?, _ count: Int32, _ name: String) throws -> [Tensor] {
  guard let handles, count > 0 else { return [] }
  return try [Tensor](unsafeUninitializedCapacity: Int(count)) { buffer, initialized in
    for index in 0..<Int(count) {
      guard let handle = handles[index] else { throw TensorError(.type, "\(name): a tensor is missing") }
      buffer.initializeElement(at: index, to: handle.tensor)
      initialized = index + 1
    }
  }
}

func dimensions(_ values: UnsafePointer<Int64>?, _ rank: Int32, _ name: String) throws -> Dimensions {
  guard rank >= 0, rank <= Int32(SC_MAX_RANK) else {
    throw TensorError(.value, "\(name): rank \(rank) is not supported; a tensor has at most \(SC_MAX_RANK) axes")
  }
  var result = Dimensions()
  for axis in 0..<Int(rank) { result.append(Int(values?[axis] ?? 0)) }
  return result
}

func elementType(_ code: sc_dtype, _ name: String) throws -> DType {
  guard let raw = UInt8(exactly: code), let dtype = DType(rawValue: raw) else {
    throw TensorError(.type, "\(name): \(code) is not a dtype code")
  }
  return dtype
}
