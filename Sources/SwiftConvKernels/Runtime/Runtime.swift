import CPlatform
import SwiftConvVector
import SwiftConvVectorInterface

#if SWIFTCONV_AVX2
  import SwiftConvVectorAVX2
#endif
#if SWIFTCONV_AVX512
  import SwiftConvVectorAVX512
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The machine as the kernels see it: the instruction set in use, and how many threads may work.
public enum Runtime {
  /// The instruction set whose kernels are in use: `baseline`, `avx2`, `avx512` or `neon`.
  public static var isaName: String { selection.name }

  /// The features of this CPU that matter to the kernels, separated by spaces.
  public static var cpuFeatures: String {
    let mask = sc_cpu_features_mask()
    let names: [(UInt32, String)] = [
      (UInt32(SC_CPU_SSE42), "sse4.2"), (UInt32(SC_CPU_AVX), "avx"), (UInt32(SC_CPU_AVX2), "avx2"),
      (UInt32(SC_CPU_FMA), "fma"), (UInt32(SC_CPU_BMI), "bmi2"), (UInt32(SC_CPU_AVX512), "avx512"),
      (UInt32(SC_CPU_NEON), "neon"),
    ]
    return names.filter { mask & $0.0 != 0 }.map(\.1).joined(separator: " ")
  }

  /// What is wrong with the environment variable `SWIFTCONV_ISA`, or nil. The best instruction set is used then.
  public static var isaRequestProblem: String? { selection.problem }

  /// How many threads a kernel may use, the calling one included: 1 to 256. At first `SWIFTCONV_NUM_THREADS`, or else the
  /// number of processors that this process may use.
  public static var threadCount: Int {
    get { ThreadPool.threadCount }
    set { ThreadPool.threadCount = min(max(newValue, 1), 256) }
  }

  /// The kernels for this CPU.
  static var vector: VectorTable { selection.table }

  static func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    return String(cString: value)
  }

  private static let selection = Selection(requested: environment("SWIFTCONV_ISA"))
}

/// Which variant of the vector kernels runs, and why.
private struct Selection: Sendable {
  let name: String
  let table: VectorTable
  let problem: String?

  init(requested: String?) {
    let available = Selection.available
    let wanted = requested.flatMap { $0.isEmpty ? nil : $0 }
    let found = wanted.flatMap { name in available.first { $0.name == name } }
    let chosen = found ?? available[0]
    name = chosen.name
    table = chosen.make()
    if let wanted, found == nil {
      let names = available.map(\.name).joined(separator: ", ")
      problem =
        "SWIFTCONV_ISA is \"\(wanted)\", which this CPU or this build does not have; available here: \(names)"
    } else {
      problem = nil
    }
  }

  /// The variants that this build has and this CPU can run, the best first.
  private static var available: [(name: String, make: () -> VectorTable)] {
    var list: [(name: String, make: () -> VectorTable)] = []
    #if SWIFTCONV_AVX2 || SWIFTCONV_AVX512
      let mask = sc_cpu_features_mask()
      let v3 = UInt32(SC_CPU_AVX | SC_CPU_AVX2 | SC_CPU_FMA | SC_CPU_BMI)
      let v4 = v3 | UInt32(SC_CPU_AVX512)
    #endif
    #if SWIFTCONV_AVX512
      if mask & v4 == v4 { list.append(("avx512", SwiftConvVectorAVX512.makeVectorTable)) }
    #endif
    #if SWIFTCONV_AVX2
      if mask & v3 == v3 { list.append(("avx2", SwiftConvVectorAVX2.makeVectorTable)) }
    #endif
    #if arch(arm64)
      list.append(("neon", SwiftConvVector.makeVectorTable))
    #else
      list.append(("baseline", SwiftConvVector.makeVectorTable))
    #endif
    return list
  }
}

extension Runtime {
  /// The kernels for a floating-point type.
  static func kernels(_ dtype: DType) -> ConvolutionKernels { dtype == .float64 ? vector.float64 : vector.float32 }
}
