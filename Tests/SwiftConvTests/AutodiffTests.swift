import SwiftConv
import XCTest

final class AutodiffTests: XCTestCase {
  private func leaf(_ elements: [Float], _ shape: Dimensions) throws -> Tensor {
    let tensor = try Tensor(elements, shape: shape)
    try tensor.setRequiresGrad(true)
    return tensor
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch { return "\(error)" }
  }

  func testGradientsAccumulateInLeaves() throws {
    let x = try leaf([1, 2, 3], [3])
    try backward(from: [(x * x).sum()])
    XCTAssertEqual(try x.grad?.elements(), [2, 4, 6])
    try backward(from: [(x * 3.0).sum()])
    XCTAssertEqual(try x.grad?.elements(), [5, 7, 9])
  }

  func testLeavesThatShareAGradientDoNotShareItsMemory() throws {
    let (a, b) = (try leaf([1, 2], [2]), try leaf([3, 4], [2]))
    for _ in 0..<2 { try backward(from: [(a + b).sum()]) }
    XCTAssertEqual(try a.grad?.elements(), [2, 2])
    XCTAssertEqual(try b.grad?.elements(), [2, 2])
  }

  func testBroadcastGradientsAreSummed() throws {
    let (a, b) = (try leaf([1, 2, 3, 4, 5, 6], [2, 3]), try leaf([10, 20, 30], [3]))
    try backward(from: [(a * b).sum()])
    XCTAssertEqual(try b.grad?.elements(), [5, 7, 9])
    XCTAssertEqual(b.grad?.shape, [3])
  }

  func testSecondDerivative() throws {
    let x = try leaf([2, 3], [2])
    let first = try XCTUnwrap(
      gradients(of: [(x * x * x).sum()], withRespectTo: [x], options: .createGraph)[0])
    XCTAssertEqual(try first.elements(), [12, 27])
    let second = try XCTUnwrap(gradients(of: [first.sum()], withRespectTo: [x])[0])
    XCTAssertEqual(try second.elements(), [12, 18])
    XCTAssertNil(x.grad)
  }

  func testASecondWalkNeedsARetainedGraph() throws {
    let x = try leaf([2], [1])
    let y = try (x * x).sum()
    try backward(from: [y], options: .retainGraph)
    try backward(from: [y])
    XCTAssertTrue(message { try backward(from: [y]) }.contains("retain_graph=True"))
  }

  func testAModifiedValueIsNoticed() throws {
    let x = try leaf([2, 3], [2])
    let y = try x.exp()
    let z = try y.sum()
    try applyInPlace(OperatorTable.operators[OperatorTable.index(of: "mul")!], [y, .number(2.0)])
    XCTAssertTrue(message { try backward(from: [z]) }.contains("exp"))
  }

  func testWritesThroughViewsCarryGradients() throws {
    let k = try leaf([1, 2], [2])
    let y = try Tensor.zeros([3])
    for index in 0..<3 {
      try applyInPlace(
        OperatorTable.operators[OperatorTable.index(of: "copy")!],
        [y.selected(axis: 0, index), (k * Double(index + 1)).sum()])
    }
    try backward(from: [(y * y).sum()])
    // y = s, 2s, 3s with s = k0 + k1 = 3, so dL/ds = 2 (1 + 4 + 9) s.
    XCTAssertEqual(try k.grad?.elements(), [84, 84])
  }

  func testALeafIsProtectedWhileRecording() throws {
    let x = try leaf([1], [1])
    let add = OperatorTable.operators[OperatorTable.index(of: "add")!]
    XCTAssertTrue(message { try applyInPlace(add, [x, .number(1.0)]) }.contains("leaf"))
    try withoutGradients { try applyInPlace(add, [x, .number(1.0)]) }
    XCTAssertEqual(try x.elements(), [2])
    XCTAssertTrue(x.isLeaf && x.requiresGrad)
  }

  func testAMillionChainedOperations() throws {
    let x = try leaf([1], [])
    var y = try x + 0.0
    for _ in 0..<1_000_000 { y = try y + 1.0 }
    try backward(from: [y])
    XCTAssertEqual(try x.grad?.item(), 1)
  }

  func testAMillionChainedOperationsAreReleasedWithoutBackward() throws {
    let x = try leaf([1], [])
    var y: Tensor? = try x * 1.0
    for _ in 0..<1_000_000 { y = try y! * x }
    y = nil
  }

  func testConvolutionSecondDerivativesAreConvolutions() throws {
    let x = try leaf((0..<16).map { Float($0) / 7 }, [1, 1, 4, 4])
    let w = try leaf([1, -1, 2, 0.5], [1, 1, 2, 2])
    let attributes = Attributes(integers: [2, 1, 1, 2, 0, 0, 2, 0, 0, 2, 1, 1, 1])
    let y = try apply(
      OperatorTable.operators[OperatorTable.index(of: "convolution")!], [x, w, nil], attributes)
    let dw = try XCTUnwrap(gradients(of: [(y * y).sum()], withRespectTo: [w], options: .createGraph)[0])
    let ddx = try XCTUnwrap(gradients(of: [dw.sum()], withRespectTo: [x])[0])
    // Compare with finite differences of dw.sum() along one direction; it is quadratic, so a step of 1 is exact in the mean.
    var slopes: [Double] = []
    for step in [1.0, -1.0] {
      let moved = try Tensor((0..<16).map { Float($0) / 7 + ($0 == 5 ? Float(step) : 0) }, shape: [1, 1, 4, 4])
      let weight = try leaf([1, -1, 2, 0.5], [1, 1, 2, 2])
      let out = try apply(
        OperatorTable.operators[OperatorTable.index(of: "convolution")!], [moved, weight, nil], attributes)
      let g = try XCTUnwrap(gradients(of: [(out * out).sum()], withRespectTo: [weight])[0])
      slopes.append(try g.sum().item())
    }
    XCTAssertEqual(try ddx.elements()[5], (slopes[0] - slopes[1]) / 2, accuracy: 1e-3)
  }
}
