import CPlatform
import CSwiftConv
import SwiftConv

@_cdecl("sc_grad_enabled")
public func sc_grad_enabled() -> Bool { GradientMode.isEnabled }

@_cdecl("sc_set_grad_enabled")
public func sc_set_grad_enabled(_ enabled: Bool) { GradientMode.isEnabled = enabled }

@_cdecl("sc_tensor_set_requires_grad")
public func sc_tensor_set_requires_grad(_ tensor: OpaquePointer, _ requiresGrad: Bool) -> sc_status {
  guarded { try tensor.tensor.setRequiresGrad(requiresGrad) }
}

@_cdecl("sc_tensor_grad")
public func sc_tensor_grad(_ tensor: OpaquePointer, _ result: UnsafeMutablePointer<OpaquePointer?>) -> sc_status {
  guarded { result.pointee = tensor.tensor.grad?.handle() }
}

@_cdecl("sc_tensor_set_grad")
public func sc_tensor_set_grad(_ tensor: OpaquePointer, _ gradient: OpaquePointer?) -> sc_status {
  guarded { try tensor.tensor.setGrad(gradient?.tensor) }
}

@_cdecl("sc_tensor_retain_grad")
public func sc_tensor_retain_grad(_ tensor: OpaquePointer) -> sc_status {
  guarded { try tensor.tensor.retainGrad() }
}

@_cdecl("sc_tensor_detach")
public func sc_tensor_detach(
  _ tensor: OpaquePointer, _ tracksVersion: Bool, _ result: UnsafeMutablePointer<OpaquePointer?>
) -> sc_status {
  guarded { result.pointee = tensor.tensor.detached(tracksVersion: tracksVersion).handle() }
}

@_cdecl("sc_tensor_set_data")
public func sc_tensor_set_data(_ tensor: OpaquePointer, _ source: OpaquePointer) -> sc_status {
  guarded { try tensor.tensor.setData(source.tensor) }
}

@_cdecl("sc_tensor_grad_fn")
public func sc_tensor_grad_fn(_ tensor: OpaquePointer) -> UnsafePointer<CChar>? {
  guard let name = tensor.tensor.gradientFunctionName, let buffer = sc_name_text() else { return nil }
  var position = 0
  for byte in name.utf8.prefix(Int(SC_NAME_TEXT_CAPACITY) - 1) {
    buffer[position] = CChar(bitPattern: byte)
    position += 1
  }
  buffer[position] = 0
  return UnsafePointer(buffer)
}

@_cdecl("sc_tensor_version")
public func sc_tensor_version(_ tensor: OpaquePointer) -> Int64 { Int64(tensor.tensor.storage.version) }

@_cdecl("sc_backward")
public func sc_backward(
  _ rootCount: Int32, _ roots: UnsafePointer<OpaquePointer?>?, _ rootGradients: UnsafePointer<OpaquePointer?>?,
  _ flags: Int32, _ inputCount: Int32, _ inputs: UnsafePointer<OpaquePointer?>?,
  _ results: UnsafeMutablePointer<OpaquePointer?>?
) -> sc_status {
  guarded {
    let options = BackwardOptions(rawValue: flags)
    let all = try required(roots, rootCount, "backward")
    let seeds = rootGradients == nil ? [] : tensors(rootGradients, rootCount)
    guard inputCount > 0 else { return try backward(from: all, gradients: seeds, options: options) }
    let found = try gradients(
      of: all, withRespectTo: required(inputs, inputCount, "grad"), gradients: seeds, options: options)
    for (index, gradient) in found.enumerated() { results?[index] = gradient?.handle() }
  }
}
