/// The kernels of one instruction set. Everything that is compiled with more than the baseline's instructions is reached
/// through such a table, and through nothing else.
public struct VectorTable: Sendable {
  public var float32: ConvolutionKernels
  public var float64: ConvolutionKernels
  public var elementwise: ElementwiseKernels
  public var normalization: NormalizationKernels
  public var rowNormalization: RowNormalizationKernels
  public var pooling: PoolingKernels
  public var random: RandomKernels

  public init(
    float32: ConvolutionKernels, float64: ConvolutionKernels, elementwise: ElementwiseKernels,
    normalization: NormalizationKernels, rowNormalization: RowNormalizationKernels, pooling: PoolingKernels,
    random: RandomKernels
  ) {
    self.float32 = float32
    self.float64 = float64
    self.elementwise = elementwise
    self.normalization = normalization
    self.rowNormalization = rowNormalization
    self.pooling = pooling
    self.random = random
  }
}

/// What convolution and matrix products need, for one element type.
public struct ConvolutionKernels: Sendable {
  public var gemm: GemmKernels
  public var rows: RowKernels
  public var winograd: WinogradKernels
  public var fourier: FourierKernels
  public var depthwise: DepthwiseKernels

  public init(
    gemm: GemmKernels, rows: RowKernels, winograd: WinogradKernels, fourier: FourierKernels, depthwise: DepthwiseKernels
  ) {
    self.gemm = gemm
    self.rows = rows
    self.winograd = winograd
    self.fourier = fourier
    self.depthwise = depthwise
  }
}
