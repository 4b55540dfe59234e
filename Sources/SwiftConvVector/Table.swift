import SwiftConvVectorInterface

/// The kernels of this copy of the module.
public func makeVectorTable() -> VectorTable {
  VectorTable(
    float32: ConvolutionKernels(
      gemm: makeFloatGemmKernels(), rows: makeFloatRowKernels(), winograd: makeFloatWinogradKernels(),
      fourier: makeFloatFourierKernels(), depthwise: makeFloatDepthwiseKernels()),
    float64: ConvolutionKernels(
      gemm: makeDoubleGemmKernels(), rows: makeDoubleRowKernels(), winograd: makeDoubleWinogradKernels(),
      fourier: makeDoubleFourierKernels(), depthwise: makeDoubleDepthwiseKernels()),
    elementwise: makeElementwiseKernels(), normalization: makeNormalizationKernels(),
    rowNormalization: makeRowNormalizationKernels(), pooling: makePoolingKernels(), random: makeRandomKernels())
}
