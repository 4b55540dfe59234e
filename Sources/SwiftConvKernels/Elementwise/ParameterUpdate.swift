/// Steps of optimizers: everything that happens to one parameter, in a single pass over its elements. Chains of operators
/// would read and write each array several times, and these arrays are as large as the model.
///
/// Arrays are dense, of the same type, float32 or float64.
public enum ParameterUpdate {
  /// Stochastic gradient descent.
  public struct Descent: Sendable {
    public var rate, momentum, dampening, decay: Double
    public var isNesterov, isAscent: Bool
    /// Whether the velocity is set to the first step instead of being continued.
    public var isFirst: Bool

    public init(
      rate: Double, momentum: Double, dampening: Double, decay: Double, isNesterov: Bool, isAscent: Bool, isFirst: Bool
    ) {
      (self.rate, self.momentum, self.dampening, self.decay) = (rate, momentum, dampening, decay)
      (self.isNesterov, self.isAscent, self.isFirst) = (isNesterov, isAscent, isFirst)
    }
  }

  /// Adam, with `decay` as part of the gradient or, if it is decoupled, taken from the parameter itself.
  public struct Adaptive: Sendable {
    public var rate, first, second, epsilon, decay: Double
    public var isDecoupled, isAscent: Bool
    /// The number of this step, counted from 1.
    public var step: Int

    public init(
      rate: Double, first: Double, second: Double, epsilon: Double, decay: Double, isDecoupled: Bool, isAscent: Bool,
      step: Int
    ) {
      (self.rate, self.first, self.second, self.epsilon, self.decay) = (rate, first, second, epsilon, decay)
      (self.isDecoupled, self.isAscent, self.step) = (isDecoupled, isAscent, step)
    }
  }

  /// `w -= rate * v`, where `v = momentum * v + (1 - dampening) * g`, or the gradient itself without a velocity.
  public static func descend(
    _ options: Descent, _ dtype: DType, count: Int, parameter: UnsafeMutableRawPointer, gradient: UnsafeRawPointer,
    velocity: UnsafeMutableRawPointer?
  ) {
    if dtype == .float64 {
      descend(Double.self, options, count, parameter, gradient, velocity)
    } else {
      descend(Float.self, options, count, parameter, gradient, velocity)
    }
  }

  /// `w -= rate * m / (sqrt(v) + epsilon)` with the running means m of gradients and v of their squares, both divided by
  /// what they lack because they started at 0. With `largest`, v is replaced by the largest it has been.
  public static func adapt(
    _ options: Adaptive, _ dtype: DType, count: Int, parameter: UnsafeMutableRawPointer, gradient: UnsafeRawPointer,
    mean: UnsafeMutableRawPointer, square: UnsafeMutableRawPointer, largest: UnsafeMutableRawPointer?
  ) {
    if dtype == .float64 {
      adapt(Double.self, options, count, parameter, gradient, mean, square, largest)
    } else {
      adapt(Float.self, options, count, parameter, gradient, mean, square, largest)
    }
  }

  /// Small enough for the second-level cache, large enough to be worth a call.
  private static let blockLength = 4096
  /// Elements that are computed together; the compiler makes as many registers of them as the CPU needs.
  private static let lanes = 8

  /// Shares the elements among threads. Each is on its own, so the cuts do not matter. `body` gets the first of up to eight
  /// elements, and how many there are.
  @inline(__always)
  private static func forEachVector(_ count: Int, picoseconds: Int, _ body: (Int, Int) -> Void) {
    parallelFor(ceilingDivide(count, blockLength), work: count / 1000 * picoseconds) { range in
      let end = min(range.upperBound * blockLength, count)
      var index = range.lowerBound * blockLength
      while index + lanes <= end {
        body(index, lanes)
        index += lanes
      }
      if index < end { body(index, end - index) }
    }
  }

  @inline(__always)
  private static func load<T: SIMDScalar & BinaryFloatingPoint>(
    _ pointer: UnsafeMutablePointer<T>, _ index: Int, _ count: Int
  ) -> SIMD8<T> {
    let place = UnsafeRawPointer(pointer + index)
    if count == lanes { return place.loadUnaligned(as: SIMD8<T>.self) }
    var vector = SIMD8<T>()
    for lane in 0..<count { vector[lane] = pointer[index + lane] }
    return vector
  }

  @inline(__always)
  private static func store<T: SIMDScalar & BinaryFloatingPoint>(
    _ vector: SIMD8<T>, _ pointer: UnsafeMutablePointer<T>, _ index: Int, _ count: Int
  ) {
    if count == lanes {
      UnsafeMutableRawPointer(pointer + index).storeBytes(of: vector, as: SIMD8<T>.self)
    } else {
      for lane in 0..<count { pointer[index + lane] = vector[lane] }
    }
  }

  @inline(__always)
  private static func descend<T: SIMDScalar & BinaryFloatingPoint>(
    _: T.Type, _ options: Descent, _ count: Int, _ parameter: UnsafeMutableRawPointer, _ gradient: UnsafeRawPointer,
    _ velocity: UnsafeMutableRawPointer?
  ) {
    let w = parameter.assumingMemoryBound(to: T.self)
    let g = UnsafeMutableRawPointer(mutating: gradient).assumingMemoryBound(to: T.self)
    let v = velocity?.assumingMemoryBound(to: T.self)
    let sign: T = options.isAscent ? -1 : 1
    let (rate, momentum, decay) = (T(options.rate), T(options.momentum), T(options.decay))
    let share = T(1 - options.dampening)
    let (isFirst, isNesterov, hasDecay) = (options.isFirst, options.isNesterov, decay != 0)
    forEachVector(count, picoseconds: 400) { index, count in
      let before = load(w, index, count)
      var step = sign * load(g, index, count)
      // Without decay the parameter does not matter, even where it is not finite.
      if hasDecay { step += decay * before }
      if let v {
        let speed = isFirst ? step : momentum * load(v, index, count) + share * step
        store(speed, v, index, count)
        step = isNesterov ? step + momentum * speed : speed
      }
      store(before - rate * step, w, index, count)
    }
  }

  @inline(__always)
  private static func adapt<T: SIMDScalar & BinaryFloatingPoint>(
    _: T.Type, _ options: Adaptive, _ count: Int, _ parameter: UnsafeMutableRawPointer, _ gradient: UnsafeRawPointer,
    _ mean: UnsafeMutableRawPointer, _ square: UnsafeMutableRawPointer, _ largest: UnsafeMutableRawPointer?
  ) {
    let w = parameter.assumingMemoryBound(to: T.self)
    let g = UnsafeMutableRawPointer(mutating: gradient).assumingMemoryBound(to: T.self)
    let (m, v) = (mean.assumingMemoryBound(to: T.self), square.assumingMemoryBound(to: T.self))
    let top = largest?.assumingMemoryBound(to: T.self)
    let sign: T = options.isAscent ? -1 : 1
    let (first, second, epsilon) = (T(options.first), T(options.second), T(options.epsilon))
    let (firstRest, secondRest) = (T(1 - options.first), T(1 - options.second))
    // Both means started at 0; dividing by these takes that out.
    let firstShare = 1 - power(options.first, options.step)
    let secondScale = T((1 - power(options.second, options.step)).squareRoot())
    let rate = T(options.rate / firstShare)
    let added = options.isDecoupled ? 0 : T(options.decay)
    let kept = options.isDecoupled ? T(1 - options.rate * options.decay) : 1
    let isAdded = added != 0
    forEachVector(count, picoseconds: 1000) { index, count in
      let before = load(w, index, count)
      var step = sign * load(g, index, count)
      if isAdded { step += added * before }
      let direction = first * load(m, index, count) + firstRest * step
      var size = second * load(v, index, count) + secondRest * (step * step)
      store(direction, m, index, count)
      store(size, v, index, count)
      if let top {
        let earlier = load(top, index, count)
        size.replace(with: earlier, where: earlier .> size)
        store(size, top, index, count)
      }
      store(kept * before - rate * (direction / (roots(size) / secondScale + epsilon)), w, index, count)
    }
  }

  /// Square roots of numbers that are not negative. Saying so keeps the compiler from calling the C library, which would set
  /// `errno`, for each.
  @inline(__always)
  private static func roots<T: SIMDScalar & BinaryFloatingPoint>(_ x: SIMD8<T>) -> SIMD8<T> {
    var roots = SIMD8<T>()
    for lane in 0..<lanes { roots[lane] = x[lane].magnitude.squareRoot() }
    return roots
  }

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
