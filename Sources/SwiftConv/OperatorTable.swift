/// Every operator, in the order of their indices in the C ABI. A new operator gets a line here.
public enum OperatorTable {
  public static let operators: [any Operator.Type] = [
    // Arithmetic
    Add.self, Subtract.self, Multiply.self, Divide.self, FloorDivide.self, Remainder.self, Power.self,
    Maximum.self, Minimum.self, Atan2.self,
    // Algebra
    Negative.self, Absolute.self, Sign.self, Square.self, Reciprocal.self, SquareRoot.self,
    ReciprocalSquareRoot.self, Floor.self, Ceil.self, Round.self, Truncate.self,
    // Transcendental
    Exponential.self, ExponentialMinusOne.self, Logarithm.self, LogarithmOnePlus.self, Logarithm2.self,
    Logarithm10.self, Sine.self, Cosine.self, Tangent.self, ArcSine.self, ArcCosine.self, ArcTangent.self,
    HyperbolicSine.self, HyperbolicCosine.self, ErrorFunction.self,
    // Activations
    Relu.self, Sigmoid.self, HyperbolicTangent.self, Silu.self, Gelu.self, Softplus.self, LeakyRelu.self, Clamp.self,
    // Comparisons
    Equal.self, NotEqual.self, Less.self, LessEqual.self, Greater.self, GreaterEqual.self, BitwiseAnd.self,
    BitwiseOr.self, BitwiseXor.self, BitwiseNot.self, LogicalNot.self, IsNaN.self, IsInfinite.self, Where.self,
    // Memory
    Clone.self, Contiguous.self, Cast.self, Copy.self, Full.self, Concatenate.self, Stack.self,
    // Views
    Reshape.self, View.self, Permute.self, Expand.self, Index.self, Flip.self, Diagonal.self, PlaceView.self,
    // Reductions
    Sum.self, Mean.self, Product.self, MaximumReduction.self, MinimumReduction.self, AnyReduction.self,
    AllReduction.self, Variance.self, StandardDeviation.self, LogSumExp.self,
    // Scans
    MaximumAlong.self, MinimumAlong.self, ArgMaximum.self, ArgMinimum.self, CumulativeSum.self, CumulativeProduct.self,
    Softmax.self,
    LogSoftmax.self,
    // Linear algebra
    Matmul.self, Linear.self,
    // Advanced indexing
    GatherIndex.self, PutIndex.self, NonZero.self,
    // Convolution
    ConvolutionForward.self, ConvolutionInputGradient.self, ConvolutionWeightGradient.self,
    ConvolutionTransposed.self, Correlation2D.self,
    // Borders and windows
    Pad.self, Roll.self, Gather.self, Unfold.self, Fold.self,
    // Pooling
    MaxPool.self, AdaptiveMaxPool.self, AvgPool.self, AdaptiveAvgPool.self, PlaceMaxima.self, TakeMaxima.self,
    SpreadMean.self,
    // Resampling
    UpsampleNearest.self, UpsampleLinear.self,
    // Normalization
    BatchNorm.self, LayerNorm.self, GroupNorm.self,
    // Losses
    MeanSquaredError.self, MeanAbsoluteError.self, BinaryCrossEntropyWithLogits.self, NegativeLogLikelihood.self,
    CrossEntropy.self, ClassCrossEntropy.self,
    // Optimizers
    DescentStep.self, AdamStep.self,
    // Random numbers
    Threefry.self,
  ]

  private static let indices: [String: Int] = {
    var indices: [String: Int] = [:]
    for (index, operation) in operators.enumerated() { indices[operation.name] = index }
    return indices
  }()

  /// The index of an operator's name.
  public static func index(of name: String) -> Int? { indices[name] }
}
