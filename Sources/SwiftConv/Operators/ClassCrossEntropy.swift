import SwiftConvKernels

/// The cross-entropy of dense rows of scores with a class for each, added up or as a mean: the commonest case of
/// `cross_entropy`, in one operator.
///
/// - Inputs: scores `(N, C)`, classes `(N,)` as int64.
/// - Attributes: integers: the class to ignore, the reduction (1: mean, 2: sum).
enum ClassCrossEntropy: Operator {
  static let name = "class_cross_entropy"
  static let arity = 2

  /// Whether the operator is for a case, and every class exists. Otherwise the formula of `cross_entropy` knows more, also
  /// what is wrong.
  static func fits(_ scores: Tensor, _ classes: Tensor, ignored: Int, reduction: Int) -> Bool {
    guard scores.rank == 2, scores.dtype.isFloatingPoint, scores.isContiguous, scores.count > 0,
      classes.dtype == .int64, classes.isContiguous, classes.shape == [scores.shape[0]],
      reduction == 1 || reduction == 2
    else { return false }
    return Rows(scores, classes, ignored: ignored).classesExist
  }

  static func forward(_ call: inout OperatorCall) throws -> Tensor {
    var reader = call.reader
    let (ignored, reduction) = (try reader.int(), try reader.int())
    let (scores, classes) = (try call[0], try call[1])
    guard fits(scores, classes, ignored: ignored, reduction: reduction) else {
      throw TensorError.value("\(name): is not for scores \(scores.shape) with classes \(classes.shape)")
    }
    let logarithms = try Tensor.empty(scores.shape, scores.dtype)
    let loss = try call.result([], scores.dtype)
    let rows = Rows(logarithms, classes, ignored: ignored)
    let (scoresDtype, scoresTarget) = (scores.dtype, scores.target)
    let (logarithmsTarget, lossTarget) = (logarithms.target, loss.target)
    let classesExist = compute(work: 2 * scores.count) {
      SwiftConvKernels.Softmax.rows(
        rows.count, count: rows.width, dtype: scoresDtype, isLogarithm: true, UnsafeRawPointer(scoresTarget.pointer),
        into: logarithmsTarget.pointer)
      guard let total = scoresDtype == .float64 ? rows.total(Double.self) : rows.total(Float.self) else {
        return false
      }
      let result = reduction == 1 ? total / Double(rows.counted) : total
      if scoresDtype == .float64 {
        lossTarget.pointer.assumingMemoryBound(to: Double.self).pointee = result
      } else {
        lossTarget.pointer.assumingMemoryBound(to: Float.self).pointee = Float(result)
      }
      return true
    }
    guard classesExist else { throw changed() }
    call.save(scores)
    call.save(classes)
    call.save(logarithms)
    return loss
  }

  static func gradients(_ gradient: Tensor, _ node: Node) throws -> [Tensor?] {
    let (scores, classes) = (try node.saved(0), try node.saved(1))
    let chosen = try Tensor.empty(scores.shape, scores.dtype)
    let rows = Rows(chosen, classes, ignored: node.attributes.integers[0])
    let share = node.attributes.integers[1] == 1 ? -1 / Double(rows.counted) : -1
    let classesExist = scores.dtype == .float64 ? rows.place(share, Double.self) : rows.place(share, Float.self)
    guard classesExist else { throw changed() }
    // The gradients of the logarithms, from which that of the scores follows.
    let slopes = try chosen * gradient
    if GradientMode.isEnabled {
      let logarithms = try apply(LogSoftmax.self, [scores], Attributes(integers: [1]))
      return [try slopes - logarithms.exp() * slopes.sum([1], keepsAxes: true), nil]
    }
    let logarithms = try node.saved(2)
    let dx = try Tensor.empty(scores.shape, scores.dtype)
    let (scoresDtype, slopesTarget) = (scores.dtype, slopes.target)
    let (logarithmsTarget, dxTarget) = (logarithms.target, dx.target)
    compute(work: 2 * dx.count) {
      SwiftConvKernels.Softmax.gradientRows(
        rows.count, count: rows.width, dtype: scoresDtype, isLogarithm: true, UnsafeRawPointer(slopesTarget.pointer),
        UnsafeRawPointer(logarithmsTarget.pointer), into: dxTarget.pointer)
    }
    return [dx, nil]
  }

  /// The classes can be memory of somebody else, who may write to it at any time.
  private static func changed() -> TensorError {
    TensorError.index("cross_entropy: the classes were changed while they were in use; one of them does not exist now")
  }

  /// A dense matrix with one element of each row chosen by its class: plain memory, which others keep alive.
  private struct Rows: @unchecked Sendable {
    let count, width: Int
    let ignored: Int64
    let classes: UnsafeBufferPointer<Int64>
    let elements: UnsafeMutableRawPointer

    init(_ matrix: Tensor, _ classes: Tensor, ignored: Int) {
      (count, width) = (matrix.shape[0], matrix.shape[1])
      self.ignored = Int64(ignored)
      self.classes = UnsafeBufferPointer(start: classes.pointer.assumingMemoryBound(to: Int64.self), count: count)
      elements = matrix.pointer
    }

    /// How many rows are not ignored.
    var counted: Int { classes.reduce(0) { $1 == ignored ? $0 : $0 + 1 } }

    var classesExist: Bool { classes.allSatisfy { $0 == ignored || (0..<Int64(width)).contains($0) } }

    /// Calls `body` with the place of each row's chosen element. False when a class does not exist; then not for all rows.
    private func forEachChoice(_ body: (Int) -> Void) -> Bool {
      for row in 0..<count {
        // Read once: it may be another one afterwards.
        let chosen = classes[row]
        if chosen == ignored { continue }
        guard (0..<Int64(width)).contains(chosen) else { return false }
        body(row * width + Int(chosen))
      }
      return true
    }

    /// Minus the sum of the chosen elements, or nil when a class does not exist.
    func total<T: BinaryFloatingPoint>(_: T.Type) -> Double? {
      let values = elements.assumingMemoryBound(to: T.self)
      var sum: Double = 0
      return forEachChoice { sum -= Double(values[$0]) } ? sum : nil
    }

    /// Makes all elements zero but the chosen ones. False when a class does not exist.
    func place<T: BinaryFloatingPoint>(_ value: Double, _: T.Type) -> Bool {
      let values = elements.assumingMemoryBound(to: T.self)
      values.update(repeating: 0, count: count * width)
      return forEachChoice { values[$0] = T(value) }
    }
  }
}
