import CSwiftConv
import SwiftConv

extension StaticString {
  /// The text as C has it; it ends with a zero byte and lives as long as the process.
  fileprivate var characters: UnsafePointer<CChar> {
    UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self)
  }
}

@_cdecl("sc_conv_algorithm")
public func sc_conv_algorithm() -> UnsafePointer<CChar> { ConvolutionMode.algorithm.name.characters }

@_cdecl("sc_set_conv_algorithm")
public func sc_set_conv_algorithm(_ name: UnsafePointer<CChar>?) -> sc_status {
  guarded {
    guard let name else { throw TensorError(.type, "conv_algorithm: the name is missing") }
    ConvolutionMode.algorithm = try ConvolutionMode.algorithm(named: String(cString: name))
  }
}

@_cdecl("sc_conv_plan")
public func sc_conv_plan(
  _ pass: Int32, _ shapes: UnsafePointer<sc_attributes>?, _ algorithm: UnsafeMutablePointer<UnsafePointer<CChar>?>?,
  _ reason: UnsafeMutablePointer<UnsafePointer<CChar>?>?
) -> sc_status {
  guarded {
    guard let pass = ConvolutionPass(rawValue: Int(pass)) else {
      throw TensorError(.value, "explain: a convolution has no pass \(pass)")
    }
    let plan = try ConvolutionMode.plan(pass, attributes(shapes))
    algorithm?.pointee = plan.algorithm.characters
    reason?.pointee = plan.reason.characters
  }
}
