/// Taps that lie evenly spaced in the same planes (see `PatchPlanes`): what is left of a kernel for one slice and one
/// pair of phases. Together, the grids of a kernel have all its taps.
struct TapGrid {
  /// Which taps of each axis, in the order of their places.
  let z: Int
  let y, x: [Int]
  /// How far apart neighbouring taps are.
  let rowStep, columnStep: Int

  /// All grids of a kernel. One whose axes have stride 1, or whose taps are all in one phase, has one per tap of z.
  static func all(_ source: (z: PatchAxis, y: PatchAxis, x: PatchAxis)) -> [TapGrid] {
    let (rows, columns) = (lines(source.y), lines(source.x))
    var grids: [TapGrid] = []
    for z in 0..<source.z.taps {
      for row in rows {
        for column in columns {
          grids.append(TapGrid(z: z, y: row.taps, x: column.taps, rowStep: row.step, columnStep: column.step))
        }
      }
    }
    return grids
  }

  /// The taps of each phase of an axis. They are evenly spaced, because offsets are.
  private static func lines(_ axis: PatchAxis) -> [(taps: [Int], step: Int)] {
    axis.phaseOrigins.indices.map { phase in
      let taps = (0..<axis.taps).filter { axis.phases[$0] == phase }.sorted { axis.shifts[$0] < axis.shifts[$1] }
      let step = taps.count > 1 ? axis.shifts[taps[1]] - axis.shifts[taps[0]] : 1
      return (taps, step)
    }
  }
}
