import SwiftConvVectorInterface

/// The kernels of this copy of the module.
public func makeVectorTable() -> VectorTable {
  VectorTable(
    float32: ConvolutionKernels(
      gemm: makeFloatGemmKernels(), rows: makeFloatRowKernels(), winograd: makeFloatWinogradKernels()),
    float64: ConvolutionKernels(
      gemm: makeDoubleGemmKernels(), rows: makeDoubleRowKernels(), winograd: makeDoubleWinogradKernels()),
    elementwise: makeElementwiseKernels(), normalization: makeNormalizationKernels(), pooling: makePoolingKernels(),
    random: makeRandomKernels())
}
