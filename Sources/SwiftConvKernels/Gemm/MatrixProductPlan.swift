/// How the work of a `MatrixProduct` is cut. Where sums are cut follows from the shapes alone, never from the number of
/// threads.
///
/// The depth is taken in steps, so that a panel of the left factor (`tileRows` times depth) fits the first-level cache,
/// and a block of panels of the right factor the second level. Where a step is short, some panels of the right factor fit the
/// first level too: they stay there while all panels of left pass by. Steps are not shorter than they must be, because each
/// step passes over the result.
struct MatrixProductPlan {
  /// Panels of rows; panels of columns, in vectors.
  let rows, columns: Split
  /// Panels of columns in blocks, and panels of rows in groups. Threads share blocks if there are many of them, and
  /// otherwise blocks and groups, of panels that they packed together (`isShared`).
  let blocks, rowGroups: Split
  let isShared: Bool
  /// How many steps there are, and how many of them are packed together if that is shared.
  let steps, stepsTogether: Int
  let isLeftDirect: Bool
  /// About how many nanoseconds everything takes on one thread.
  let work: Int
  let lanes, panelWidth, rightPanelBytes: Int

  private let columnCount: Int
  private let imageGroups, depthParts: Split
  private let leftPanelBytes: Int
  private let size: Int

  /// Bytes of panels of the right factor that stay in the first-level cache; a little more than it has on some CPUs.
  private static let firstLevel = 40 << 10
  /// Bytes of panels of the right factor that stay in the second level, beside the left factor and the result.
  private static let secondLevel = 400 << 10
  /// The longest step, and the longest one that images are joined to.
  private static let longestStep = 512
  private static let longestJoined = 384
  /// Bytes of both factors that are packed together.
  private static let largestShared = 8 << 20
  /// The left factor is packed as a whole up to this size.
  private static let largestPacked = 32 << 20

  init(_ product: MatrixProduct) {
    let gemm = product.kernels.gemm
    (lanes, size) = (gemm.lanes, product.size)
    panelWidth = gemm.tileVectors * gemm.lanes
    columnCount = product.sumsImages ? product.n : product.images * product.n
    rows = Split(product.m, atMost: gemm.tileRows)
    columns = Split(ceilingDivide(columnCount, gemm.lanes), atMost: gemm.tileVectors)
    let sums = product.sumsImages ? product.images : 1
    let k = product.k
    // Images whose matrices are small are joined to longer sums.
    imageGroups = Split(sums, atMost: max(1, MatrixProductPlan.longestJoined / k))
    depthParts = Split(k, atMost: MatrixProductPlan.longestStep)
    steps = imageGroups.parts * depthParts.parts
    let longest = imageGroups.longest * depthParts.longest
    rightPanelBytes = panelWidth * longest * size
    leftPanelBytes = (rows.longest * longest + lanes) * size
    isLeftDirect =
      imageGroups.longest == 1 && product.isLeftReadable(panels: columns.parts, depth: longest)
    work = Int(
      min(Double(product.m) * Double(columnCount) * Double(k * sums) / Double(5 * gemm.lanes), 0x1p60))
    let threads = min(Runtime.threadCount, work / 12_000)
    let fitting = max(1, MatrixProductPlan.secondLevel / rightPanelBytes)
    let fewest = Split(columns.parts, atMost: fitting)
    isShared = threads > 1 && fewest.parts < 4 * threads
    blocks = fewest
    rowGroups = Split(
      rows.parts, parts: isShared ? min(rows.parts, ceilingDivide(4 * threads, blocks.parts)) : 1)
    let stepBytes = columns.parts * rightPanelBytes + (isLeftDirect ? 0 : rows.parts * leftPanelBytes)
    stepsTogether = max(1, MatrixProductPlan.largestShared / stepBytes)
  }

  /// Whether it pays to pack all of the left factor before the start, if threads do not pack together.
  var packsLeftOnce: Bool {
    !isLeftDirect && imageGroups.parts * imageGroups.longest == 1 && blocks.parts > 1
      && leftBytes(steps: steps, panels: rows.parts) <= MatrixProductPlan.largestPacked
  }

  /// Which part of the depth a step is: some numbers of some images.
  struct Depth {
    let images, steps: Range<Int>
    var count: Int { images.count * steps.count }
  }

  func depth(_ step: Int) -> Depth {
    Depth(images: imageGroups[step / depthParts.parts], steps: depthParts[step % depthParts.parts])
  }

  /// How many panels of the right factor stay in the first-level cache while panels of the left one pass by, of a block
  /// of so many; all of them if the left panel stays there instead.
  func panelsInCache(_ count: Int) -> Split {
    let fitting = MatrixProductPlan.firstLevel / rightPanelBytes
    return Split(count, atMost: fitting > 0 ? fitting : count)
  }

  func columnRange(_ panel: Int) -> Range<Int> {
    (columns.start(panel) * lanes)..<min(columns.start(panel + 1) * lanes, columnCount)
  }

  func leftBytes(steps: Int, panels: Int) -> Int { steps * panels * leftPanelBytes }
  func leftPlace(_ step: Int, _ panel: Int) -> Int { (step * rows.parts + panel) * leftPanelBytes }
  var tileBytes: Int { rows.longest * panelWidth * size }
  var offsetBytes: Int { rightPanelBytes / (panelWidth * size) * MemoryLayout<Int>.size }

  /// Where the rows of a packed panel are.
  func offsets(_ scratch: inout Scratch) -> UnsafeMutablePointer<Int> {
    let count = rightPanelBytes / (panelWidth * size)
    let offsets = scratch.takeIntegers(count)
    for step in 0..<count { offsets[step] = step * panelWidth }
    return offsets
  }
}

extension MatrixProduct {
  /// Whether panels of the left factor are read where they are, for so many panels of columns. Lines whose distance is a
  /// multiple of a large power of two drive each other out of the first-level cache.
  fileprivate func isLeftReadable(panels: Int, depth: Int) -> Bool {
    if a.columnStride == 1 { return a.rowStride * size % 4096 != 0 || panels <= 2 }
    guard a.rowStride == 1 else { return false }
    // Each step of the depth is on another line of 64 bytes. The cache has 64 places for their lowest bits, each for some.
    let bytes = abs(a.columnStride) * size
    var places = 64
    while places > 1, bytes % (128 * 64 / places) == 0 { places /= 2 }
    return panels <= 9 && depth <= 6 * places
  }
}
