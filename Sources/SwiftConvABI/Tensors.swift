import CSwiftConv
import SwiftConv

@_cdecl("sc_tensor_borrow")
public func sc_tensor_borrow(
  _ data: UnsafeMutableRawPointer?, _ dtype: sc_dtype, _ rank: Int32, _ shape: UnsafePointer<Int64>?,
  _ strides: UnsafePointer<Int64>?, _ isWritable: Bool,
  _ release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ context: UnsafeMutableRawPointer?,
  _ result: UnsafeMutablePointer<OpaquePointer?>
) -> sc_status {
  // The storage is made first: from here on the memory is given back exactly once, whatever happens.
  let storage = Storage(borrowing: data, isWritable: isWritable) { release?(context) }
  return guarded {
    let elementType = try elementType(dtype, "from_buffer")
    let sizes = try dimensions(shape, rank, "from_buffer")
    var steps = try dimensions(strides, rank, "from_buffer")
    for axis in sizes.indices {
      guard sizes[axis] >= 0 else { throw TensorError(.value, "from_buffer: shape \(sizes) has a negative size") }
      guard steps[axis] % elementType.size == 0 else {
        throw TensorError(
          .type,
          "from_buffer: a stride of \(steps[axis]) bytes is not a multiple of the element size \(elementType.size); "
            + "use numpy.ascontiguousarray(x)")
      }
      steps[axis] /= elementType.size
    }
    guard sizes.checkedProduct != nil else {
      throw TensorError(.value, "from_buffer: shape \(sizes) has more elements than can be addressed")
    }
    guard UInt(bitPattern: data) % UInt(elementType.size) == 0 else {
      throw TensorError(.type, "from_buffer: the data is not aligned for \(elementType.name); use x.copy()")
    }
    result.pointee = Tensor(borrowed: storage, dtype: elementType, shape: sizes, strides: steps).handle()
  }
}

@_cdecl("sc_tensor_empty")
public func sc_tensor_empty(
  _ dtype: sc_dtype, _ rank: Int32, _ shape: UnsafePointer<Int64>?, _ result: UnsafeMutablePointer<OpaquePointer?>
) -> sc_status {
  guarded {
    result.pointee = try Tensor.empty(dimensions(shape, rank, "empty"), elementType(dtype, "empty")).handle()
  }
}

@_cdecl("sc_tensor_from_int")
public func sc_tensor_from_int(_ value: Int64, _ result: UnsafeMutablePointer<OpaquePointer?>) -> sc_status {
  guarded { result.pointee = Tensor.number(Int(value)).handle() }
}

@_cdecl("sc_tensor_from_double")
public func sc_tensor_from_double(_ value: Double, _ result: UnsafeMutablePointer<OpaquePointer?>) -> sc_status {
  guarded { result.pointee = Tensor.number(value).handle() }
}

@_cdecl("sc_tensor_from_bool")
public func sc_tensor_from_bool(_ value: Bool, _ result: UnsafeMutablePointer<OpaquePointer?>) -> sc_status {
  guarded { result.pointee = Tensor.number(value).handle() }
}

@_cdecl("sc_tensor_retain")
public func sc_tensor_retain(_ tensor: OpaquePointer?) -> OpaquePointer? { tensor?.tensor.handle() }

@_cdecl("sc_tensor_release")
public func sc_tensor_release(_ tensor: OpaquePointer?) {
  guard let tensor else { return }
  Unmanaged<Tensor>.fromOpaque(UnsafeRawPointer(tensor)).release()
}

@_cdecl("sc_tensor_describe")
public func sc_tensor_describe(_ handle: OpaquePointer, _ info: UnsafeMutablePointer<sc_tensor_info>) {
  let tensor = handle.tensor
  let size = tensor.dtype.size
  info.pointee.data = tensor.pointer
  info.pointee.count = Int64(tensor.count)
  info.pointee.rank = Int32(tensor.rank)
  info.pointee.dtype = sc_dtype(tensor.dtype.rawValue)
  info.pointee.is_writable = tensor.isWritable
  info.pointee.requires_grad = tensor.requiresGrad
  info.pointee.is_leaf = tensor.isLeaf
  withUnsafeMutableBytes(of: &info.pointee.shape) { shape in
    let shape = shape.assumingMemoryBound(to: Int64.self)
    for axis in 0..<tensor.rank { shape[axis] = Int64(tensor.shape[axis]) }
  }
  withUnsafeMutableBytes(of: &info.pointee.strides) { strides in
    let strides = strides.assumingMemoryBound(to: Int64.self)
    for axis in 0..<tensor.rank { strides[axis] = Int64(tensor.strides[axis] &* size) }
  }
}

@_cdecl("sc_tensor_item_double")
public func sc_tensor_item_double(_ tensor: OpaquePointer, _ value: UnsafeMutablePointer<Double>) -> sc_status {
  guarded { value.pointee = try tensor.tensor.item() }
}

@_cdecl("sc_tensor_item_int")
public func sc_tensor_item_int(_ tensor: OpaquePointer, _ value: UnsafeMutablePointer<Int64>) -> sc_status {
  guarded { value.pointee = try tensor.tensor.integerItem() }
}

@_cdecl("sc_tensor_host")
public func sc_tensor_host(_ tensor: OpaquePointer) -> UnsafeMutableRawPointer? { tensor.tensor.host }

@_cdecl("sc_tensor_set_host")
public func sc_tensor_set_host(_ tensor: OpaquePointer, _ host: UnsafeMutableRawPointer?) { tensor.tensor.host = host }
