import CSwiftConv
import SwiftConv

/// The host's context for a callback; the host is told when the last user of it is gone.
private final class HostContext {
  let pointer: UnsafeMutableRawPointer?
  private let release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?

  init(_ pointer: UnsafeMutableRawPointer?, _ release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?) {
    self.pointer = pointer
    self.release = release
  }

  deinit { release?(pointer) }
}

/// A reference that a callback gave away.
private func takeTensor(_ handle: OpaquePointer?) -> Tensor? {
  handle.map { Unmanaged<Tensor>.fromOpaque(UnsafeRawPointer($0)).takeRetainedValue() }
}

private func check(_ status: sc_status, _ what: String) throws {
  guard status == sc_status(SC_OK) else {
    throw TensorError(TensorError.Kind(rawValue: status) ?? .host, "\(what): failed in the host")
  }
}

/// Handles of tensors that stay alive while `body` runs.
private func withHandles<Result>(
  _ tensors: [Tensor?], _ body: (UnsafePointer<OpaquePointer?>?) throws -> Result
) rethrows -> Result {
  let handles = tensors.map { $0.map { OpaquePointer(Unmanaged.passUnretained($0).toOpaque()) } }
  return try withExtendedLifetime(tensors) { try handles.withUnsafeBufferPointer { try body($0.baseAddress) } }
}

@_cdecl("sc_tensor_add_hook")
public func sc_tensor_add_hook(
  _ tensor: OpaquePointer, _ hook: sc_hook?, _ release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?,
  _ context: UnsafeMutableRawPointer?, _ id: UnsafeMutablePointer<Int64>?
) -> sc_status {
  let context = HostContext(context, release)
  return guarded {
    let number = try tensor.tensor.registerHook { gradient in
      var replacement: OpaquePointer?
      let status = withHandles([gradient]) { hook?(context.pointer, $0?[0], &replacement) ?? sc_status(SC_OK) }
      let replaced = takeTensor(replacement)
      try check(status, "hook")
      return replaced
    }
    id?.pointee = Int64(number)
  }
}

@_cdecl("sc_tensor_remove_hook")
public func sc_tensor_remove_hook(_ tensor: OpaquePointer, _ id: Int64) { tensor.tensor.removeHook(Int(id)) }

@_cdecl("sc_record_function")
public func sc_record_function(
  _ name: UnsafePointer<CChar>?, _ inputCount: Int32, _ inputs: UnsafePointer<OpaquePointer?>?, _ resultCount: Int32,
  _ results: UnsafePointer<OpaquePointer?>?, _ keeps: UnsafePointer<Bool>?, _ rule: sc_rule?,
  _ release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ context: UnsafeMutableRawPointer?
) -> sc_status {
  let context = HostContext(context, release)
  return guarded {
    let title = name.map { String(cString: $0) } ?? "function"
    let all = try required(results, resultCount, title)
    try HostFunction.record(
      title, inputs: tensors(inputs, inputCount), results: all, keeps: all.indices.map { keeps?[$0] ?? false }
    ) { gradients, kept in
      var found = [OpaquePointer?](repeating: nil, count: Int(inputCount))
      let status = withHandles(gradients) { gradientHandles in
        withHandles(kept) { keptHandles in
          rule?(context.pointer, Int32(gradients.count), gradientHandles, keptHandles, inputCount, &found)
            ?? sc_status(SC_OK)
        }
      }
      let owned = found.map(takeTensor)
      try check(status, title)
      return owned
    }
  }
}
