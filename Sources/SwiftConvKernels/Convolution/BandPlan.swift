/// The positions of all results, cut into bands, and the bands gathered into blocks of about a wanted size. The cut
/// follows from the shape alone, never from the number of threads.
struct BandPlan {
  let bandsPerBlock: Int
  private let wholePlanes: Int
  private let z: Int
  private let rowParts, columnParts: Split
  private let blockParts: Split

  /// `target` is the wanted number of positions in a block.
  init(images: Int, z: Int, y: PatchAxis, x: PatchAxis, target: Int) {
    self.z = z
    wholePlanes = images * z
    let area = y.outputs * x.outputs
    if x.outputs > target {
      // Rows are longer than a block: cut them.
      columnParts = Split(x.outputs, atMost: target)
      rowParts = Split(y.outputs, atMost: 1)
      blockParts = Split(wholePlanes, atMost: 1)
    } else if area > target {
      columnParts = Split(x.outputs, parts: 1)
      rowParts = Split(y.outputs, atMost: max(1, target / x.outputs))
      blockParts = Split(wholePlanes, atMost: 1)
    } else {
      // Planes are smaller than a block: gather them.
      columnParts = Split(x.outputs, parts: 1)
      rowParts = Split(y.outputs, parts: 1)
      blockParts = Split(wholePlanes, atMost: max(1, target / area))
    }
    bandsPerBlock = blockParts.longest
  }

  var blocks: Int { blockParts.parts * rowParts.parts * columnParts.parts }
  var mostRows: Int { rowParts.longest }
  var mostColumns: Int { columnParts.longest }
  var fewestColumns: Int { columnParts.shortest }

  func bandCount(_ block: Int) -> Int { blockParts.length(block / (rowParts.parts * columnParts.parts)) }

  /// One band of a block. All bands of a block have the same size.
  func band(_ block: Int, _ index: Int) -> Band {
    let (rest, columnPart) = (block / columnParts.parts, block % columnParts.parts)
    let (blockPart, rowPart) = (rest / rowParts.parts, rest % rowParts.parts)
    let plane = blockParts.start(blockPart) + index
    return Band(
      image: plane / z, z: plane % z, rows: rowParts[rowPart], columns: columnParts[columnPart])
  }

  /// Whether the copies of one channel for a block have at most `limit` elements. In floating point, because paddings and
  /// dilations may be as large as they like.
  func areaFits(_ source: PatchSource, limit: Int) -> Bool {
    let (y, x) = (source.y, source.x)
    // At least 1 where no tap reaches anything: results have the same pitch.
    let phases = max(1, Double(source.z.taps) * Double(y.phaseOrigins.count) * Double(x.phaseOrigins.count))
    let area = (Double(mostRows) + Double(y.reach)) * (Double(mostColumns) + Double(x.reach))
    return Double(bandsPerBlock) * phases * area <= Double(limit)
  }
}
