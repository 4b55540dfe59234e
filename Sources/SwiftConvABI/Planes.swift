import CSwiftConv
import SwiftConv

private func plane(_ pointer: UnsafePointer<sc_plane>?) throws -> Plane {
  guard let given = pointer?.pointee else { throw TensorError(.type, "corr2d: a plane is missing") }
  let strides = (Int(given.row_stride), Int(given.column_stride))
  guard
    let plane = Plane(
      given.data, rows: Int(given.rows), columns: Int(given.columns), strides: strides,
      dtype: try elementType(given.dtype, "corr2d"))
  else { throw TensorError(.type, "corr2d: a plane's elements are not aligned") }
  return plane
}

@_cdecl("sc_corr2d")
public func sc_corr2d(
  _ x: UnsafePointer<sc_plane>?, _ k: UnsafePointer<sc_plane>?, _ y: UnsafePointer<sc_plane>?
) -> sc_status {
  guarded { try plane(y).store(correlationOf: plane(x), with: plane(k)) }
}
