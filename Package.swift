// swift-tools-version: 6.2
import PackageDescription

/// The Python build sets `SWIFTCONV_TUNED=1`: only then are the per-CPU variants of `SwiftConvVector` compiled for
/// their instruction sets, because SwiftPM refuses packages with unsafe flags as dependencies. Without it every variant
/// is portable code, and the dispatcher is told so by the missing `SWIFTCONV_TUNED` condition.
let isTuned = Context.environment["SWIFTCONV_TUNED"] == "1"

/// Kernels check nothing at run time: every check a caller can reach happens before a kernel starts.
let unchecked: [SwiftSetting] = isTuned ? [.unsafeFlags(["-Ounchecked", "-enforce-exclusivity=unchecked"])] : []

/// Each access to a property of a class is otherwise guarded against overlapping ones at run time, which takes a third of the
/// time of a small operation. The graph is only touched by one thread at a time.
let exclusive: [SwiftSetting] = isTuned ? [.unsafeFlags(["-enforce-exclusivity=unchecked"])] : []

/// The Python build also sets `SWIFTCONV_HOSTED=1`: everything but kernels runs with the host's lock held, so references
/// need not be counted atomically, which takes another third. Kernels are given plain values (see `compute(work:)`).
let hosted: [SwiftSetting] =
  isTuned && Context.environment["SWIFTCONV_HOSTED"] == "1"
  ? [.unsafeFlags(["-Xfrontend", "-assume-single-threaded"])] : []

/// One instruction set that the vector kernels are compiled for.
struct Variant {
  let suffix: String
  let condition: String
  let flags: [String]
}

let variants = [
  Variant(suffix: "AVX2", condition: "SWIFTCONV_AVX2", flags: ["-Xcc", "-march=x86-64-v3"]),
  Variant(suffix: "AVX512", condition: "SWIFTCONV_AVX512", flags: ["-Xcc", "-march=x86-64-v4"]),
]

#if arch(x86_64)
  let tuned = isTuned ? variants : []
#else
  let tuned: [Variant] = []
#endif

let package = Package(
  name: "swiftconv",
  platforms: [.macOS("26.0")],
  products: [
    .library(name: "SwiftConv", targets: ["SwiftConv"]),
    .library(name: "SwiftConvABI", type: .static, targets: ["SwiftConvABI"]),
  ],
  targets: [
    .target(name: "CPlatform"),
    .target(name: "CSwiftConv"),
    .target(name: "SwiftConvVectorInterface", swiftSettings: unchecked),
    .target(
      name: "SwiftConvVector", dependencies: ["CPlatform", "SwiftConvVectorInterface"],
      swiftSettings: unchecked),
    .target(
      name: "SwiftConvKernels",
      dependencies: ["CPlatform", "SwiftConvVectorInterface", "SwiftConvVector"]
        + tuned.map { .target(name: "SwiftConvVector\($0.suffix)") },
      swiftSettings: unchecked + tuned.map { .define($0.condition) }),
    .target(name: "SwiftConv", dependencies: ["CPlatform", "SwiftConvKernels"], swiftSettings: exclusive + hosted),
    .target(
      name: "SwiftConvABI", dependencies: ["CSwiftConv", "CPlatform", "SwiftConv"], swiftSettings: exclusive + hosted),
    // Times kernels; not part of any product.
    .executableTarget(name: "SwiftConvBenchmark", dependencies: ["SwiftConvKernels"]),
    .testTarget(name: "SwiftConvKernelsTests", dependencies: ["SwiftConvKernels"]),
    .testTarget(name: "SwiftConvTests", dependencies: ["SwiftConv"]),
    .testTarget(name: "SwiftConvABITests", dependencies: ["CSwiftConv", "SwiftConvABI"]),
  ]
    // Each variant is the same source, seen through a symbolic link, compiled with other flags.
    + tuned.map {
      .target(
        name: "SwiftConvVector\($0.suffix)", dependencies: ["CPlatform", "SwiftConvVectorInterface"],
        swiftSettings: unchecked + [.define($0.condition), .unsafeFlags($0.flags)])
    }
)
