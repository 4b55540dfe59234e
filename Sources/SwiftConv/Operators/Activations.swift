import SwiftConvKernels

/// `max(x, 0)`; its slope at 0 is taken as 0.
enum Relu: UnaryOperator {
  static let name = "relu"
  static let kernel = UnaryOperation.relu
  static let domain = Domain.numbers
  static let keeps = Kept.result

  static func gradient(_ g: Tensor, _ y: Tensor) throws -> Tensor {
    try fusedGradient(.reluGradient, g, y) { try g * y.isGreater(than: .number(0)).cast(to: g.dtype) }
  }
}

/// `1 / (1 + exp(-x))`.
enum Sigmoid: UnaryOperator {
  static let name = "sigmoid"
  static let kernel = UnaryOperation.sigmoid
  static let keeps = Kept.result

  static func gradient(_ g: Tensor, _ y: Tensor) throws -> Tensor {
    try fusedGradient(.sigmoidGradient, g, y) { try g * y * (1 - y) }
  }
}

/// The hyperbolic tangent.
enum HyperbolicTangent: UnaryOperator {
  static let name = "tanh"
  static let kernel = UnaryOperation.tanh
  static let keeps = Kept.result

  static func gradient(_ g: Tensor, _ y: Tensor) throws -> Tensor {
    try fusedGradient(.tanhGradient, g, y) { try g * (1 - y * y) }
  }
}

/// `x * sigmoid(x)`.
///
/// - Source: Elfwing, Uchibe, Doya, "Sigmoid-weighted linear units for neural network function approximation in
///   reinforcement learning", Neural Networks 107 (2018), doi:10.1016/j.neunet.2017.12.012
enum Silu: UnaryOperator {
  static let name = "silu"
  static let kernel = UnaryOperation.silu
  static let keeps = Kept.input

  static func gradient(_ g: Tensor, _ x: Tensor) throws -> Tensor {
    try fusedGradient(.siluGradient, g, x) {
      let s = try x.sigmoid()
      return try g * s * (1 + x * (1 - s))
    }
  }
}

/// `x` times the normal distribution's cumulative function at x: exactly, or by a formula with tanh.
///
/// - Attributes: integer: 1 for the tanh formula.
/// - Source: Hendrycks, Gimpel, "Gaussian Error Linear Units" (2016), arXiv:1606.08415
enum Gelu: ElementwiseOperator {
  static let name = "gelu"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let isApproximate = try reader.bool()
    call.save(try call[0])
    return try Unary.forward(&call, isApproximate ? .geluTanh : .gelu, .reals)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    var reader = node.reader
    let isApproximate = try reader.bool()
    let x = try node.saved(0)
    let kernel: BinaryOperation = isApproximate ? .geluTanhGradient : .geluGradient
    return [
      try fusedGradient(kernel, gradient, x) {
        try gradient * (isApproximate ? approximateSlope(x) : exactSlope(x))
      }
    ]
  }

  private static func exactSlope(_ x: Tensor) throws -> Tensor {
    let cumulative = try 0.5 * (apply(ErrorFunction.self, [x * 0.70710678118654752440]) + 1)
    let density = try (x * x * -0.5).exp() * 0.39894228040143267794
    return try cumulative + x * density
  }

  private static func approximateSlope(_ x: Tensor) throws -> Tensor {
    let scale = 0.79788456080286535588
    let squared = try x * x
    let t = try (x * (squared * 0.044715 + 1) * scale).tanh()
    let inner = try (squared * (3 * 0.044715) + 1) * scale
    return try 0.5 * (t + 1) + 0.5 * x * (1 - t * t) * inner
  }
}

/// `log(1 + exp(beta * x)) / beta`, and `x` itself where `beta * x` exceeds the threshold.
///
/// - Attributes: numbers: beta, threshold.
enum Softplus: ElementwiseOperator {
  static let name = "softplus"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let (beta, threshold) = (try reader.double(), try reader.double())
    call.save(try call[0])
    return try Unary.forward(&call, .softplus, .reals, p0: beta, p1: threshold)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    var reader = node.reader
    let (beta, threshold) = (try reader.double(), try reader.double())
    let x = try node.saved(0)
    return [
      try fusedGradient(.softplusGradient, gradient, x, p0: beta, p1: threshold) {
        let scaled = try x * beta
        let isLinear = try scaled.isGreater(than: .number(threshold))
        return try gradient.selected(where: isLinear, else: gradient * scaled.sigmoid())
      }
    ]
  }
}

/// `x` where x > 0, `slope * x` elsewhere.
///
/// - Attributes: number: slope.
enum LeakyRelu: ElementwiseOperator {
  static let name = "leaky_relu"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let slope = try reader.double()
    call.save(try call[0])
    return try Unary.forward(&call, .leakyRelu, .reals, p0: slope)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    var reader = node.reader
    let slope = try reader.double()
    let x = try node.saved(0)
    return [
      try fusedGradient(.leakyReluGradient, gradient, x, p0: slope) {
        try gradient.selected(where: x.isGreater(than: .number(0)), else: gradient * slope)
      }
    ]
  }
}

/// `x` limited to a range; the gradient passes where x lies in it, borders included.
///
/// - Attributes: numbers: lowest, highest; infinities for none.
enum Clamp: ElementwiseOperator {
  static let name = "clamp"

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let (low, high) = (try reader.double(), try reader.double())
    call.save(try call[0])
    return try Unary.forward(&call, .clamp, .numbers, p0: low, p1: high)
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    var reader = node.reader
    let (low, high) = (try reader.double(), try reader.double())
    let x = try node.saved(0)
    return [
      try fusedGradient(.clampGradient, gradient, x, p0: low, p1: high) {
        let isAbove = try apply(GreaterEqual.self, [x, .number(low)])
        let isBelow = try apply(LessEqual.self, [x, .number(high)])
        return try gradient * isAbove.cast(to: gradient.dtype) * isBelow.cast(to: gradient.dtype)
      }
    ]
  }
}
