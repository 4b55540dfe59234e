import SwiftConvKernels

// Times kernels alone, on one thread and on all: swift run -c release SwiftConvBenchmark [beginning of a name]
//
// The per-CPU kernels are only built with SWIFTCONV_TUNED=1 in the environment.

/// Convolutions of well-known networks: name, images, channels in, size, channels out, kernel, stride, padding, groups.
let layers: [(String, Int, Int, Int, Int, Int, Int, Int, Int)] = [
  ("lenet.c1 n32", 32, 1, 28, 6, 5, 1, 2, 1),
  ("lenet.c2 n32", 32, 6, 14, 16, 5, 1, 0, 1),
  ("lenet.c1 n256", 256, 1, 28, 6, 5, 1, 2, 1),
  ("lenet.c2 n256", 256, 6, 14, 16, 5, 1, 0, 1),
  ("alex.c1 n1", 1, 3, 224, 96, 11, 4, 1, 1),
  ("vgg.c1 n1", 1, 3, 224, 64, 3, 1, 1, 1),
  ("vgg.c4 n1", 1, 256, 56, 256, 3, 1, 1, 1),
  ("rn18.stem n1", 1, 3, 224, 64, 7, 2, 3, 1),
  ("rn18.64@56 n1", 1, 64, 56, 64, 3, 1, 1, 1),
  ("rn18.128@28 n1", 1, 128, 28, 128, 3, 1, 1, 1),
  ("rn18.256@14 n1", 1, 256, 14, 256, 3, 1, 1, 1),
  ("rn18.512@7 n1", 1, 512, 7, 512, 3, 1, 1, 1),
  ("mb.dw32@112 n1", 1, 32, 112, 32, 3, 1, 1, 32),
  ("mb.dw1024@7 n1", 1, 1024, 7, 1024, 3, 1, 1, 1024),
  ("mb.pw256@28 n1", 1, 256, 28, 256, 1, 1, 0, 1),
]

/// Seconds per call: the least of some rounds, each of about 20 ms.
func time(_ body: () -> Void) -> Double {
  let clock = ContinuousClock()
  body()
  let once = max(seconds(clock.measure(body)), 1e-7)
  let calls = max(1, Int(0.02 / once))
  return (0..<5).map { _ in seconds(clock.measure { for _ in 0..<calls { body() } }) / Double(calls) }.min() ?? once
}

func seconds(_ duration: Duration) -> Double {
  Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
}

/// An array in a kernel's terms.
struct Operand {
  let memory: UnsafeMutablePointer<Float>
  let strides: Dimensions

  init(_ sizes: [Int]) {
    let count = sizes.reduce(1, *)
    memory = .allocate(capacity: max(count, 1))
    for index in 0..<count { memory[index] = Float(index % 17) / 17 - 0.5 }
    strides = Dimensions(sizes).denseStrides
  }

  var source: Source { Source(pointer: UnsafeRawPointer(memory), strides: strides, dtype: .float32) }
  var target: Target { Target(pointer: UnsafeMutableRawPointer(memory), strides: strides, dtype: .float32) }
}

/// A decimal number with so many digits after the point, at the right of a column.
func column(_ value: Double, _ digits: Int, width: Int) -> String {
  let scale = digits == 0 ? 1 : (1...digits).reduce(1) { product, _ in product * 10 }
  let scaled = Int((value * Double(scale)).rounded())
  let fraction = String(scaled % scale)
  let text =
    "\(scaled / scale)" + (digits == 0 ? "" : "." + String(repeating: "0", count: digits - fraction.count) + fraction)
  return String(repeating: " ", count: max(0, width - text.count)) + text
}

func report(_ name: String, flops: Double, _ body: () -> Void) {
  let elapsed = time(body)
  let title = name + String(repeating: " ", count: max(1, 36 - name.count))
  print(title + column(elapsed * 1e3, 4, width: 10) + " ms" + column(flops / elapsed / 1e9, 1, width: 9) + " GFLOP/s")
}

func measure(_ layer: (String, Int, Int, Int, Int, Int, Int, Int, Int)) {
  let (name, n, ic, size, oc, k, s, p, g) = layer
  let o = (size + 2 * p - k) / s + 1
  let geometry = ConvolutionGeometry(
    mb: n, g: g, ic: ic, oc: oc, id: 1, ih: size, iw: size, kd: 1, kh: k, kw: k, od: 1, oh: o, ow: o, sd: 1, sh: s,
    sw: s, dd: 1, dh: 1, dw: 1, padFront: 0, padTop: p, padLeft: p, padBack: 0, padBottom: p, padRight: p)
  let x = Operand([n, ic, 1, size, size])
  let w = Operand([oc, ic / g, 1, k, k])
  let y = Operand([n, oc, 1, o, o])
  defer { for operand in [x, w, y] { operand.memory.deallocate() } }
  let flops = Double(geometry.flops)
  report(name + " forward", flops: flops) {
    _ = Convolution.forward(geometry, x: x.source, w: w.source, bias: nil, y: y.target)
  }
  report(name + " input gradient", flops: flops) {
    _ = Convolution.inputGradient(geometry, dy: y.source, w: w.source, dx: x.target)
  }
  report(name + " weight gradient", flops: flops) {
    _ = Convolution.weightGradient(geometry, x: x.source, dy: y.source, dw: w.target)
  }
}

let wanted = CommandLine.arguments.dropFirst().first ?? ""
let available = Runtime.threadCount
for threads in available > 1 ? [1, available] : [1] {
  Runtime.threadCount = threads
  print("---- \(Runtime.isaName), \(threads) thread\(threads > 1 ? "s" : "")")
  for layer in layers where layer.0.hasPrefix(wanted) { measure(layer) }
  for size in [128, 512, 1024] where "matmul \(size)".hasPrefix(wanted) {
    let (a, b, c) = (Operand([size, size]), Operand([size, size]), Operand([size, size]))
    report("matmul \(size)", flops: 2 * Double(size * size * size)) {
      _ = Gemm.multiply(m: size, n: size, k: size, a: a.source, b: b.source, c: c.target)
    }
    for operand in [a, b, c] { operand.memory.deallocate() }
  }
}
