import SwiftConvVectorInterface

// The generic rows become code for a type here, each group in a function of its own: in one that grows too large the
// compiler stops inlining, and vectors go through memory.

/// The element-wise loops of this copy of the module.
func makeElementwiseKernels() -> ElementwiseKernels {
  ElementwiseKernels(
    unary: { operation, dtype, x, y, count, p0, p1 in
      dtype == .float64
        ? doubleUnary(operation, x, y, count, p0, p1) : floatUnary(operation, x, y, count, p0, p1)
    },
    binary: { operation, dtype, a, b, y, count, p0, p1 in
      switch (operation.isGradient, dtype == .float64) {
      case (false, false): floatArithmetic(operation, a, b, y, count)
      case (false, true): doubleArithmetic(operation, a, b, y, count)
      case (true, false): floatGradient(operation, a, b, y, count, p0, p1)
      case (true, true): doubleGradient(operation, a, b, y, count, p0, p1)
      }
    },
    reduceRow: { operation, dtype, x, count in
      dtype == .float64
        ? reduceRow(DoubleLanes.self, operation, x, count) : reduceRow(FloatLanes.self, operation, x, count)
    },
    accumulateRows: { operation, dtype, x, step, rows, columns, sums in
      if dtype == .float64 {
        accumulateRows(DoubleLanes.self, operation, x, step, rows, columns, sums)
      } else {
        accumulateRows(FloatLanes.self, operation, x, step, rows, columns, sums)
      }
    })
}

private typealias Input = UnsafeRawPointer
private typealias Output = UnsafeMutableRawPointer

private func floatUnary(_ operation: UnaryOperation, _ x: Input, _ y: Output, _ n: Int, _ p0: Double, _ p1: Double) {
  switch operation {
  case .exp, .expm1, .log, .log1p, .tanh, .erf: floatExponential(operation, x, y, n)
  case .sigmoid, .gelu, .geluTanh, .silu, .softplus: floatActivation(operation, x, y, n, p0, p1)
  case .powScalar, .log2, .log10, .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh:
    floatLibrary(operation, x, y, n, p0)
  default: simpleRow(FloatLanes.self, operation, x, y, n, p0, p1)
  }
}

private func doubleUnary(_ operation: UnaryOperation, _ x: Input, _ y: Output, _ n: Int, _ p0: Double, _ p1: Double) {
  switch operation {
  case .exp, .expm1, .log, .log1p, .tanh, .erf: doubleExponential(operation, x, y, n)
  case .sigmoid, .gelu, .geluTanh, .silu, .softplus: doubleActivation(operation, x, y, n, p0, p1)
  case .powScalar, .log2, .log10, .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh:
    doubleLibrary(operation, x, y, n, p0)
  default: simpleRow(DoubleLanes.self, operation, x, y, n, p0, p1)
  }
}

@inline(never)
private func floatExponential(_ operation: UnaryOperation, _ x: Input, _ y: Output, _ n: Int) {
  exponentialRow(FloatLanes.self, operation, x, y, n)
}

@inline(never)
private func doubleExponential(_ operation: UnaryOperation, _ x: Input, _ y: Output, _ n: Int) {
  exponentialRow(DoubleLanes.self, operation, x, y, n)
}

@inline(never)
private func floatActivation(
  _ operation: UnaryOperation, _ x: Input, _ y: Output, _ n: Int, _ p0: Double, _ p1: Double
) {
  activationRow(FloatLanes.self, operation, x, y, n, p0, p1)
}

@inline(never)
private func doubleActivation(
  _ operation: UnaryOperation, _ x: Input, _ y: Output, _ n: Int, _ p0: Double, _ p1: Double
) {
  activationRow(DoubleLanes.self, operation, x, y, n, p0, p1)
}

@inline(never)
private func floatLibrary(_ operation: UnaryOperation, _ x: Input, _ y: Output, _ n: Int, _ p0: Double) {
  libraryRow(FloatLanes.self, operation, x, y, n, p0)
}

@inline(never)
private func doubleLibrary(_ operation: UnaryOperation, _ x: Input, _ y: Output, _ n: Int, _ p0: Double) {
  libraryRow(DoubleLanes.self, operation, x, y, n, p0)
}

@inline(never)
private func floatArithmetic(_ operation: BinaryOperation, _ a: Input, _ b: Input, _ y: Output, _ n: Int) {
  arithmeticRow(FloatLanes.self, operation, a, b, y, n)
}

@inline(never)
private func doubleArithmetic(_ operation: BinaryOperation, _ a: Input, _ b: Input, _ y: Output, _ n: Int) {
  arithmeticRow(DoubleLanes.self, operation, a, b, y, n)
}

@inline(never)
private func floatGradient(
  _ operation: BinaryOperation, _ a: Input, _ b: Input, _ y: Output, _ n: Int, _ p0: Double, _ p1: Double
) {
  gradientRow(FloatLanes.self, operation, a, b, y, n, p0, p1)
}

@inline(never)
private func doubleGradient(
  _ operation: BinaryOperation, _ a: Input, _ b: Input, _ y: Output, _ n: Int, _ p0: Double, _ p1: Double
) {
  gradientRow(DoubleLanes.self, operation, a, b, y, n, p0, p1)
}
