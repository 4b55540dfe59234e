import SwiftConvKernels
import XCTest

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

final class RuntimeTests: XCTestCase {
  func testInstructionSetIsKnown() {
    XCTAssertTrue(["baseline", "avx2", "avx512", "neon"].contains(Runtime.isaName))
    if let wanted = getenv("SWIFTCONV_ISA").map({ String(cString: $0) }), Runtime.isaRequestProblem == nil {
      XCTAssertEqual(Runtime.isaName, wanted)
    }
  }

  func testThreadCountIsKeptInBounds() {
    let before = Runtime.threadCount
    defer { Runtime.threadCount = before }
    Runtime.threadCount = -3
    XCTAssertEqual(Runtime.threadCount, 1)
    Runtime.threadCount = 100_000
    XCTAssertEqual(Runtime.threadCount, 256)
  }

  func testEveryPieceIsDoneOnce() {
    let before = Runtime.threadCount
    defer { Runtime.threadCount = before }
    for threads in [1, 2, 4, 9] {
      Runtime.threadCount = threads
      for count in [0, 1, 2, 7, 1000] {
        let done = UnsafeMutablePointer<Int32>.allocate(capacity: count + 1)
        done.initialize(repeating: 0, count: count + 1)
        for _ in 0..<50 { parallelFor(count, work: 1 << 30) { for index in $0 { done[index] += 1 } } }
        for index in 0..<count { XCTAssertEqual(done[index], 50) }
        done.deallocate()
      }
    }
  }

  func testNestedWorkIsDone() {
    let sums = UnsafeMutablePointer<Int>.allocate(capacity: 8)
    defer { sums.deallocate() }
    sums.initialize(repeating: 0, count: 8)
    parallelFor(8, work: 1 << 30) { outer in
      for index in outer { parallelFor(100, work: 1 << 30) { inner in for n in inner { sums[index] += n } } }
    }
    for index in 0..<8 { XCTAssertEqual(sums[index], 4950) }
  }

  /// Several threads of the host compute at once: one gets the pool, the others work alone.
  func testCallersDoNotDisturbEachOther() {
    let before = Runtime.threadCount
    defer { Runtime.threadCount = before }
    Runtime.threadCount = 3
    var threads: [pthread_t] = []
    for _ in 0..<4 {
      #if canImport(Darwin)
        var thread: pthread_t?
        pthread_create(&thread, nil, { _ in sumManyTimes() }, nil)
        if let thread { threads.append(thread) }
      #else
        var thread = pthread_t()
        pthread_create(&thread, nil, { _ in sumManyTimes() }, nil)
        threads.append(thread)
      #endif
    }
    for thread in threads {
      var result: UnsafeMutableRawPointer?
      pthread_join(thread, &result)
      XCTAssertNil(result, "a sum was wrong")
    }
  }

  func testMemoryIsCounted() {
    let before = Memory.current
    for size in [0, 1, 100, 300_000, 5_000_000] {
      guard let block = Memory.allocate(byteCount: size) else {
        XCTFail("\(size) bytes")
        continue
      }
      XCTAssertEqual(UInt(bitPattern: block) % (size < 1024 ? 16 : 64), 0)
      XCTAssertEqual(Memory.current, before + size)
      XCTAssertGreaterThanOrEqual(Memory.peak, before + size)
      block.initializeMemory(as: UInt8.self, repeating: 1, count: size)
      Memory.deallocate(block, byteCount: size)
      XCTAssertEqual(Memory.current, before)
    }
  }

  func testLargeBlocksAreUsedAgain() {
    let size = 3_000_000
    guard let first = Memory.allocate(byteCount: size) else { return XCTFail("no memory") }
    Memory.deallocate(first, byteCount: size)
    guard let second = Memory.allocate(byteCount: size - 10) else { return XCTFail("no memory") }
    XCTAssertEqual(first, second)
    Memory.deallocate(second, byteCount: size - 10)
  }

  func testAbsurdSizesAreRefused() {
    XCTAssertNil(Memory.allocate(byteCount: Int.max))
    XCTAssertNil(Memory.allocate(byteCount: -1))
    XCTAssertNil(Memory.allocate(byteCount: 1 << 45))
  }

  func testOutputSizes() {
    func size(_ input: Int, _ kernel: Int, _ stride: Int = 1, _ dilation: Int = 1, _ pad: Int = 0) -> Int? {
      ConvolutionGeometry.outputSize(
        input: input, kernel: kernel, stride: stride, dilation: dilation, padBefore: pad, padAfter: pad)
    }
    XCTAssertEqual(size(28, 5, 1, 1, 2), 28)
    XCTAssertEqual(size(7, 3, 2), 3)
    XCTAssertEqual(size(8, 3, 2), 3)
    XCTAssertEqual(size(5, 5), 1)
    XCTAssertEqual(size(9, 3, 1, 4), 1)
    XCTAssertEqual(size(4, 5), 0)
    for stride in 1...4 { XCTAssertLessThanOrEqual(size(2, 5, stride) ?? 1, 0) }
    XCTAssertNil(size(5, 0))
    XCTAssertNil(size(5, 3, 0))
    XCTAssertNil(size(5, 3, 1, 0))
    XCTAssertNil(size(5, Int.max, 1, 2))
    XCTAssertNil(size(5, 3, 1, 1, Int.max))
  }

  /// Sizes that would need absurd amounts of scratch are computed all the same.
  func testExtremeGeometry() {
    let far = 1 << 40
    let p = ConvolutionGeometry(
      mb: 1, g: 1, ic: 8, oc: 8, id: 1, ih: 12, iw: 12, kd: 1, kh: 3, kw: 3, od: 1, oh: 12, ow: 12, sd: 1, sh: 1,
      sw: 1, dd: 1, dh: far, dw: far, padFront: 0, padTop: far, padLeft: far, padBack: 0, padBottom: far,
      padRight: far)
    let (x, w) = (TestArray([1, 8, 1, 12, 12]).randomize(1), TestArray([8, 8, 1, 3, 3]).randomize(2))
    let (y, dx, dw) = (TestArray(x.shape), TestArray(x.shape), TestArray(w.shape))
    XCTAssertTrue(Convolution.forward(p, x: x.source, w: w.source, bias: nil, y: y.target))
    XCTAssertTrue(Convolution.inputGradient(p, dy: y.source, w: w.source, dx: dx.target))
    XCTAssertTrue(Convolution.weightGradient(p, x: x.source, dy: y.source, dw: dw.target))
    // Only the middle tap ever falls on the input.
    var expected = 0.0
    for channel in 0..<8 { expected += x[channel * 144 + 5] * w[channel * 9 + 4] }
    XCTAssertEqual(y[5], expected, accuracy: 1e-5)
  }
}

/// Nil when all is well.
private func sumManyTimes() -> UnsafeMutableRawPointer? {
  let sums = UnsafeMutablePointer<Int>.allocate(capacity: 64)
  defer { sums.deallocate() }
  for _ in 0..<200 {
    sums.initialize(repeating: 0, count: 64)
    parallelFor(64, work: 1 << 30) { for index in $0 { sums[index] = index * index } }
    for index in 0..<64 where sums[index] != index * index { return UnsafeMutableRawPointer(bitPattern: 1) }
  }
  return nil
}
