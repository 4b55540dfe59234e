/// One operand of an element-wise kernel.
struct Operand {
  var pointer: UnsafeMutableRawPointer
  var strides: Dimensions
  /// Bytes per element.
  let size: Int

  init(_ source: Source) {
    pointer = UnsafeMutableRawPointer(mutating: source.pointer)
    strides = source.strides
    size = source.dtype.size
  }

  init(_ target: Target) {
    pointer = target.pointer
    strides = target.strides
    size = target.dtype.size
  }
}

/// A position in the memory of up to four operands.
typealias Positions = InlineArray<4, UnsafeMutableRawPointer>

/// How a walk is cut: the size of a panel, and how many there are along the columns, along the rows, and in all.
struct Panels {
  let rows: Int
  let columns: Int
  let across: Int
  let down: Int
  let count: Int
}

/// A part of the last two axes of a walk.
struct Panel {
  let place: Positions
  let rows: Int
  let columns: Int
}

/// An index space and the operands seen over it, brought to the simplest equivalent form: no axes of size 1,
/// neighbouring axes merged where all operands allow it, axes ordered and directed so that the first operand is walked
/// in the order of its memory. At least two axes; the last is called columns and the one before it rows.
struct Walk {
  /// Tiles that have to pass through buffers have at most this many elements.
  static let tileLimit = 512
  /// Tiles of whole columns are grouped to panels of about this many elements, the unit of work of a thread.
  static let panelLimit = 32_768

  private(set) var shape: Dimensions
  private(set) var operands: InlineArray<4, Operand>
  let operandCount: Int
  private(set) var rows = 1
  private(set) var columns = 1
  /// Copies of what every tile asks for: strides of the last two axes in elements, and bytes per element.
  private var rowStrides: InlineArray<4, Int> = [0, 0, 0, 0]
  private var columnStrides: InlineArray<4, Int> = [0, 0, 0, 0]
  private var sizes: InlineArray<4, Int> = [0, 0, 0, 0]

  /// `operands` has entries to spare beyond `operandCount`; they are ignored. The result is nil without any element.
  init?(shape: Dimensions, operands: InlineArray<4, Operand>, operandCount: Int) {
    self.shape = Dimensions()
    self.operands = operands
    self.operandCount = operandCount
    for operand in 0..<4 { self.operands[operand].strides = Dimensions() }
    for axis in shape.indices {
      if shape[axis] == 0 { return nil }
      if shape[axis] > 1 { insert(size: shape[axis], axis: axis, of: operands) }
    }
    merge()
    while self.shape.count < 2 {
      self.shape.insert(1, at: 0)
      for operand in 0..<operandCount { self.operands[operand].strides.insert(0, at: 0) }
    }
    rows = self.shape[self.shape.count - 2]
    columns = self.shape[self.shape.count - 1]
    for operand in 0..<operandCount {
      rowStrides[operand] = self.operands[operand].strides[self.shape.count - 2]
      columnStrides[operand] = self.operands[operand].strides[self.shape.count - 1]
      sizes[operand] = self.operands[operand].size
    }
  }

  /// Puts an axis at its place: larger strides of the first operand come first, of the others when those are equal.
  private mutating func insert(size: Int, axis: Int, of original: InlineArray<4, Operand>) {
    let isReversed = original[0].strides[axis] < 0
    var position = shape.count
    while position > 0, precedes(original, axis, position - 1) { position -= 1 }
    shape.insert(size, at: position)
    for operand in 0..<operandCount {
      let stride = original[operand].strides[axis]
      if isReversed { operands[operand].pointer += (size - 1) * stride * operands[operand].size }
      operands[operand].strides.insert(isReversed ? -stride : stride, at: position)
    }
  }

  private func precedes(_ original: InlineArray<4, Operand>, _ axis: Int, _ position: Int) -> Bool {
    for operand in 0..<operandCount {
      let a = abs(original[operand].strides[axis])
      let b = abs(operands[operand].strides[position])
      if a != b { return a > b }
    }
    return false
  }

  private mutating func merge() {
    var axis = shape.count - 2
    while axis >= 0 {
      var isMergeable = true
      for operand in 0..<operandCount {
        let strides = operands[operand].strides
        isMergeable = isMergeable && strides[axis] == strides[axis + 1] * shape[axis + 1]
      }
      if isMergeable {
        shape[axis + 1] *= shape[axis]
        shape.remove(at: axis)
        for operand in 0..<operandCount { operands[operand].strides.remove(at: axis) }
      }
      axis -= 1
    }
  }

  @inline(__always)
  func rowStride(_ operand: Int) -> Int { rowStrides[operand] }
  @inline(__always)
  func columnStride(_ operand: Int) -> Int { columnStrides[operand] }
  @inline(__always)
  func size(_ operand: Int) -> Int { sizes[operand] }

  /// Whether neighbouring columns are neighbours in the memory of every operand.
  var hasDenseColumns: Bool {
    for operand in 0..<operandCount where columnStride(operand) != 1 { return false }
    return true
  }

  /// Whether some operand is better read down the columns, because its rows are nearer to each other.
  private var hasTransposedOperand: Bool {
    for operand in 0..<operandCount {
      let (row, column) = (abs(rowStride(operand)), abs(columnStride(operand)))
      if row > 0, row < column { return true }
    }
    return false
  }

  /// The largest tile: its rows and columns. A tile of a transposed operand uses whole cache lines of both sides; short
  /// rows are put together; long ones are cut.
  private var tileShape: (rows: Int, columns: Int) {
    if hasTransposedOperand { return (min(rows, 16), min(columns, 32)) }
    if columns <= Walk.tileLimit / 4 { return (min(rows, Walk.tileLimit / columns), columns) }
    return (1, hasDenseColumns ? min(columns, Walk.panelLimit) : Walk.tileLimit)
  }

  /// The index space cut into panels: whole rows and columns, at most about `limit` elements each.
  func panels(limit: Int = Walk.panelLimit) -> Panels {
    let tile = tileShape
    let panelColumns = min(columns, limit)
    let wantedRows = max(limit / panelColumns, 1)
    let panelRows = min(rows, (wantedRows + tile.rows - 1) / tile.rows * tile.rows)
    let across = (columns + panelColumns - 1) / panelColumns
    let down = (rows + panelRows - 1) / panelRows
    return Panels(
      rows: panelRows, columns: panelColumns, across: across, down: down,
      count: shape.product / (rows * columns) * across * down)
  }

  /// One panel of this index space.
  func panel(_ index: Int, of panels: Panels) -> Panel {
    let firstColumn = index % panels.across * panels.columns
    let firstRow = index / panels.across % panels.down * panels.rows
    var place = positions(outer: index / panels.across / panels.down)
    advance(&place, rows: firstRow, columns: firstColumn)
    return Panel(
      place: place, rows: min(panels.rows, rows - firstRow), columns: min(panels.columns, columns - firstColumn))
  }

  /// Moves a position inside the last two axes.
  @inline(__always)
  func advance(_ place: inout Positions, rows: Int, columns: Int) {
    for operand in 0..<operandCount {
      place[operand] += (rows * rowStride(operand) + columns * columnStride(operand)) * size(operand)
    }
  }

  /// Calls `body` with tiles that cover a panel, each with positions, rows and columns.
  @inline(__always)
  func forEachTile(of panel: Panel, body: (borrowing Positions, _ rows: Int, _ columns: Int) -> Void) {
    let tile = tileShape
    var row = 0
    while row < panel.rows {
      var column = 0
      while column < panel.columns {
        var place = panel.place
        advance(&place, rows: row, columns: column)
        body(place, min(tile.rows, panel.rows - row), min(tile.columns, panel.columns - column))
        column += tile.columns
      }
      row += tile.rows
    }
  }

  /// Calls `body` with tiles that cover the index space, on several threads if that pays. `begin` is called on each
  /// thread before its first tile, and makes what `body` keeps between tiles.
  ///
  /// - Parameter work: About how many nanoseconds an element takes.
  func forEachTile<State>(
    work: Double, begin: () -> State, end: (State) -> Void,
    body: (inout State, borrowing Positions, _ rows: Int, _ columns: Int) -> Void
  ) {
    let panels = panels()
    parallelFor(panels.count, work: Int(Double(shape.product) * work)) { range in
      var state = begin()
      for index in range {
        forEachTile(of: panel(index, of: panels)) { place, rows, columns in body(&state, place, rows, columns) }
      }
      end(state)
    }
  }

  /// Where the rows and columns begin, for a flat index over the other axes.
  private func positions(outer: Int) -> Positions {
    var place = Positions(repeating: operands[0].pointer)
    for operand in 0..<operandCount { place[operand] = operands[operand].pointer }
    var rest = outer
    for axis in stride(from: shape.count - 3, through: 0, by: -1) {
      let index = rest % shape[axis]
      rest /= shape[axis]
      for operand in 0..<operandCount {
        place[operand] += index * operands[operand].strides[axis] * size(operand)
      }
    }
    return place
  }
}

/// Whether elements with these sizes and strides fill memory in row-major order.
func isDense(_ shape: Dimensions, _ strides: Dimensions) -> Bool {
  var (expected, axis) = (1, shape.count)
  while axis > 0 {
    axis &-= 1
    let size = shape[axis]
    if size == 1 { continue }
    if strides[axis] != expected { return false }
    expected &*= size
  }
  return true
}
