import CSwiftConv
import SwiftConv

/// A text that lives as long as the process, for functions that return one.
private func permanent(_ text: String) -> UnsafePointer<CChar> {
  let bytes = Array(text.utf8) + [0]
  let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
  for (index, byte) in bytes.enumerated() { copy[index] = CChar(bitPattern: byte) }
  return UnsafePointer(copy)
}

// Written once, read by every thread.
nonisolated(unsafe) private let versionText = permanent(Library.version)
nonisolated(unsafe) private let swiftVersionText = permanent(Library.swiftVersion)
nonisolated(unsafe) private let isaText = permanent(Runtime.isaName)
nonisolated(unsafe) private let featuresText = permanent(Runtime.cpuFeatures)
nonisolated(unsafe) private let operatorNames = OperatorTable.operators.map { permanent($0.name) }

@_cdecl("sc_version")
public func sc_version() -> UnsafePointer<CChar> { versionText }

@_cdecl("sc_swift_version")
public func sc_swift_version() -> UnsafePointer<CChar> { swiftVersionText }

@_cdecl("sc_isa")
public func sc_isa() -> UnsafePointer<CChar> { isaText }

@_cdecl("sc_cpu_features")
public func sc_cpu_features() -> UnsafePointer<CChar> { featuresText }

@_cdecl("sc_num_threads")
public func sc_num_threads() -> Int32 { Int32(clamping: Runtime.threadCount) }

@_cdecl("sc_set_num_threads")
public func sc_set_num_threads(_ count: Int32) -> sc_status {
  guarded {
    guard count >= 1 else {
      throw TensorError(.value, "set_num_threads: \(count) threads asked for, must be at least 1")
    }
    Runtime.threadCount = Int(count)
  }
}

@_cdecl("sc_memory_usage")
public func sc_memory_usage(_ current: UnsafeMutablePointer<Int64>?, _ peak: UnsafeMutablePointer<Int64>?) {
  current?.pointee = Int64(Memory.current)
  peak?.pointee = Int64(Memory.peak)
}

@_cdecl("sc_set_host_lock")
public func sc_set_host_lock(_ unlock: HostLock.Unlock?, _ lock: HostLock.Lock?) {
  HostLock.unlock = unlock
  HostLock.lock = lock
}

// MARK: Operators

@_cdecl("sc_operator_count")
public func sc_operator_count() -> Int32 { Int32(operatorNames.count) }

@_cdecl("sc_operator_name")
public func sc_operator_name(_ index: Int32) -> UnsafePointer<CChar>? {
  operatorNames.indices.contains(Int(index)) ? operatorNames[Int(index)] : nil
}

@_cdecl("sc_operator_index")
public func sc_operator_index(_ name: UnsafePointer<CChar>?) -> Int32 {
  guard let name, let index = OperatorTable.index(of: String(cString: name)) else { return -1 }
  return Int32(index)
}

@_cdecl("sc_operator_arity")
public func sc_operator_arity(_ index: Int32) -> Int32 {
  OperatorTable.operators.indices.contains(Int(index)) ? Int32(OperatorTable.operators[Int(index)].arity) : 0
}

private func operation(_ index: Int32) throws -> any Operator.Type {
  guard OperatorTable.operators.indices.contains(Int(index)) else {
    throw TensorError(.index, "apply: there is no operator \(index)")
  }
  return OperatorTable.operators[Int(index)]
}

/// The lists of integers that recent calls had. Nearly all calls have the list of an earlier one, and to compare takes less
/// time than to make an array.
///
/// Only a host's lock keeps threads apart here, so without one nothing is kept.
private enum KeptIntegers {
  private static let placeCount = 64
  private static let longest = 32

  nonisolated(unsafe) private static let places: UnsafeMutablePointer<[Int]> = {
    let places = UnsafeMutablePointer<[Int]>.allocate(capacity: placeCount)
    places.initialize(repeating: [], count: placeCount)
    return places
  }()

  static func array(_ integers: UnsafeBufferPointer<Int64>) -> [Int] {
    guard integers.count <= longest, HostLock.lock != nil else { return integers.map { Int($0) } }
    var hash = UInt64(truncatingIfNeeded: integers.count)
    for value in integers { hash = (hash ^ UInt64(bitPattern: value)) &* 0x9E37_79B9_7F4A_7C15 }
    let place = places + Int(hash >> 58)
    if isEqual(place.pointee, integers) { return place.pointee }
    place.pointee = integers.map { Int($0) }
    return place.pointee
  }

  private static func isEqual(_ array: [Int], _ integers: UnsafeBufferPointer<Int64>) -> Bool {
    guard array.count == integers.count else { return false }
    return array.withUnsafeBufferPointer { array in
      var difference: Int64 = 0
      for index in integers.indices { difference |= Int64(array[index]) ^ integers[index] }
      return difference == 0
    }
  }
}

func attributes(_ pointer: UnsafePointer<sc_attributes>?) -> Attributes {
  guard let pointer else { return .none }
  let given = pointer.pointee
  var result = Attributes()
  if let integers = given.integers, given.integer_count > 0 {
    result.integers = KeptIntegers.array(UnsafeBufferPointer(start: integers, count: Int(given.integer_count)))
  }
  if let numbers = given.numbers, given.number_count > 0 {
    result.numbers = Array(UnsafeBufferPointer(start: numbers, count: Int(given.number_count)))
  }
  return result
}

@_cdecl("sc_apply")
public func sc_apply(
  _ index: Int32, _ inputs: UnsafePointer<OpaquePointer?>?, _ inputCount: Int32,
  _ attributeValues: UnsafePointer<sc_attributes>?, _ results: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int32,
  _ resultCount: UnsafeMutablePointer<Int32>?
) -> sc_status {
  guarded {
    let (first, others) = try applyAll(
      operation(index), Operands(inputs, count: Int(inputCount)), attributes(attributeValues))
    let count = 1 + others.count
    guard count <= Int(capacity), let results else {
      throw TensorError(.value, "apply: \(count) results do not fit a capacity of \(capacity)")
    }
    results[0] = first.handle()
    for position in others.indices { results[position + 1] = others[position].handle() }
    resultCount?.pointee = Int32(count)
  }
}

@_cdecl("sc_apply_in_place")
public func sc_apply_in_place(
  _ index: Int32, _ inputs: UnsafePointer<OpaquePointer?>?, _ inputCount: Int32,
  _ attributeValues: UnsafePointer<sc_attributes>?
) -> sc_status {
  guarded {
    try applyInPlace(operation(index), Operands(inputs, count: Int(inputCount)), attributes(attributeValues))
  }
}

@_cdecl("sc_apply_into")
public func sc_apply_into(
  _ index: Int32, _ inputs: UnsafePointer<OpaquePointer?>?, _ inputCount: Int32,
  _ attributeValues: UnsafePointer<sc_attributes>?, _ destination: OpaquePointer?
) -> sc_status {
  guarded {
    guard let destination else { throw TensorError(.type, "apply: the destination is missing") }
    try applyInto(
      destination.tensor, operation(index), Operands(inputs, count: Int(inputCount)), attributes(attributeValues))
  }
}
