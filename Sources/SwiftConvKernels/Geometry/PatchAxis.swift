/// One spatial axis of a convolution, seen from its results: result `j` and tap `t` meet at place
/// `j * step + offsets[t]` of the source.
///
/// The source is taken apart into `step` phases, each of which holds every `step`-th place. Then neighbouring results
/// read neighbouring elements, whatever the stride is: result `j` and tap `t` meet in phase `phase(t)` at `j + shift(t)`.
struct PatchAxis {
  /// How many results there are.
  let outputs: Int
  /// The size of the source.
  let input: Int
  let step: Int
  /// Where each tap is for result 0.
  let offsets: [Int]
  private let origin: Int
  /// For each tap, which of the phases in use it reads, counted from 0, and how far in.
  let phases: [Int]
  let shifts: [Int]
  /// Where the first place of each phase in use is.
  let phaseOrigins: [Int]
  /// The largest shift.
  let reach: Int

  init(outputs: Int, input: Int, step: Int, offsets: [Int]) {
    self.outputs = outputs
    self.input = input
    self.step = step
    self.offsets = offsets
    let origin = offsets.min() ?? 0
    self.origin = origin
    if step == 1 {
      // One phase, and no divisions: short lists of known length, since small convolutions wait for them.
      phases = [Int](repeating: 0, count: offsets.count)
      shifts = offsets.map { $0 - origin }
      phaseOrigins = offsets.isEmpty ? [] : [origin]
      reach = shifts.max() ?? 0
      return
    }
    var used: [Int] = []
    var phases: [Int] = []
    var shifts: [Int] = []
    phases.reserveCapacity(offsets.count)
    shifts.reserveCapacity(offsets.count)
    for offset in offsets {
      let phase = (offset - origin) % step
      if let index = used.firstIndex(of: phase) {
        phases.append(index)
      } else {
        phases.append(used.count)
        used.append(phase)
      }
      shifts.append((offset - origin) / step)
    }
    self.phases = phases
    self.shifts = shifts
    phaseOrigins = used.map { $0 + origin }
    reach = shifts.max() ?? 0
  }

  var taps: Int { offsets.count }

  /// Whether results and source are the same places.
  var isIdentity: Bool { step == 1 && outputs == input && offsets == [0] }

  /// An axis of size 1, for what has fewer axes.
  static let none = identity(1)

  /// An axis along which every result comes from the same place of the source.
  static func identity(_ size: Int) -> PatchAxis { PatchAxis(outputs: size, input: size, step: 1, offsets: [0]) }

  /// Which of `count` places of a phase, from result `first` on, are inside the source.
  func inside(phase: Int, first: Int, count: Int) -> Range<Int> {
    let start = phaseOrigins[phase] + first * step
    let low = min(max(ceilingDivide(-start, step), 0), count)
    return low..<max(min(ceilingDivide(input - start, step), count), low)
  }
}

extension ConvolutionGeometry {
  /// The axes of the forward pass: results are y, the source is x.
  var forwardAxes: (z: PatchAxis, y: PatchAxis, x: PatchAxis) {
    (
      z: id == 1 && kd == 1 && padFront == 0 && od == 1 && sd == 1
        ? .none : PatchAxis(outputs: od, input: id, step: sd, offsets: (0..<kd).map { $0 * dd - padFront }),
      y: PatchAxis(outputs: oh, input: ih, step: sh, offsets: (0..<kh).map { $0 * dh - padTop }),
      x: PatchAxis(outputs: ow, input: iw, step: sw, offsets: (0..<kw).map { $0 * dw - padLeft })
    )
  }
}

/// One axis of an input gradient, for the places of x that leave a certain remainder when divided by the stride. Only
/// some taps reach these places, and they reach them at neighbouring places of dy: no zero is multiplied.
struct ResidueAxis {
  let residue: Int
  /// The taps that reach these places.
  let taps: [Int]
  let axis: PatchAxis

  init(residue: Int, input: Int, output: Int, kernel: Int, stride: Int, dilation: Int, padding: Int) {
    self.residue = residue
    let reaching = (0..<kernel).filter { (residue + padding - $0 * dilation) % stride == 0 }
    taps = reaching
    axis = PatchAxis(
      outputs: residue < input ? (input - residue - 1) / stride + 1 : 0, input: output, step: 1,
      offsets: reaching.map { (residue + padding - $0 * dilation) / stride })
  }

  var isEmpty: Bool { taps.isEmpty || axis.outputs <= 0 }
}

extension ConvolutionGeometry {
  /// The axes of the input gradient, one set per remainder: results are dx, the source is dy.
  var gradientAxes: (z: [ResidueAxis], y: [ResidueAxis], x: [ResidueAxis]) {
    (
      z: (0..<min(sd, max(id, 1))).map {
        ResidueAxis(residue: $0, input: id, output: od, kernel: kd, stride: sd, dilation: dd, padding: padFront)
      },
      y: (0..<min(sh, max(ih, 1))).map {
        ResidueAxis(residue: $0, input: ih, output: oh, kernel: kh, stride: sh, dilation: dh, padding: padTop)
      },
      x: (0..<min(sw, max(iw, 1))).map {
        ResidueAxis(residue: $0, input: iw, output: ow, kernel: kw, stride: sw, dilation: dw, padding: padLeft)
      }
    )
  }
}
