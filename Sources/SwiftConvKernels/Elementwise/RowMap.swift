/// Runs a function of contiguous rows over operands with any strides: `row` gets the positions of the output and of the
/// inputs and a count. What is not contiguous passes through buffers in the first-level cache.
///
/// - Parameter work: About how many nanoseconds an element takes.
@inline(__always)
func mapRows(
  _ y: Target, _ a: Source, shape: Dimensions, work: Double, row: (borrowing Positions, Int) -> Void
) {
  if isDense(shape, y.strides), isDense(shape, a.strides) {
    let pointers: Positions = [y.pointer, UnsafeMutableRawPointer(mutating: a.pointer), y.pointer, y.pointer]
    mapDense(pointers, sizes: [y.dtype.size, a.dtype.size, 0, 0], count: shape.product, work: work, row: row)
  } else {
    mapTiles([Operand(y), Operand(a), Operand(y), Operand(y)], 2, shape: shape, work: work, row: row)
  }
}

@inline(__always)
func mapRows(
  _ y: Target, _ a: Source, _ b: Source, shape: Dimensions, work: Double, row: (borrowing Positions, Int) -> Void
) {
  if isDense(shape, y.strides), isDense(shape, a.strides), isDense(shape, b.strides) {
    let pointers: Positions = [
      y.pointer, UnsafeMutableRawPointer(mutating: a.pointer), UnsafeMutableRawPointer(mutating: b.pointer), y.pointer,
    ]
    let sizes: InlineArray<4, Int> = [y.dtype.size, a.dtype.size, b.dtype.size, 0]
    mapDense(pointers, sizes: sizes, count: shape.product, work: work, row: row)
  } else if isDense(shape, y.strides), isDense(shape, a.strides), isConstant(shape, b.strides) {
    mapDense(y, a, constant: b, count: shape.product, work: work) { place, count in
      row([place[0], place[1], place[2], place[0]], count)
    }
  } else if isDense(shape, y.strides), isConstant(shape, a.strides), isDense(shape, b.strides) {
    mapDense(y, b, constant: a, count: shape.product, work: work) { place, count in
      row([place[0], place[2], place[1], place[0]], count)
    }
  } else {
    mapTiles([Operand(y), Operand(a), Operand(b), Operand(y)], 3, shape: shape, work: work, row: row)
  }
}

@inline(__always)
func mapRows(
  _ y: Target, _ a: Source, _ b: Source, _ c: Source, shape: Dimensions, work: Double,
  row: (borrowing Positions, Int) -> Void
) {
  mapTiles([Operand(y), Operand(a), Operand(b), Operand(c)], 4, shape: shape, work: work, row: row)
}

/// Operands that are one contiguous row.
@inline(__always)
func mapDense(
  _ pointers: Positions, sizes: InlineArray<4, Int>, count: Int, work: Double, row: (borrowing Positions, Int) -> Void
) {
  if count <= Walk.panelLimit {
    if count > 0 { row(pointers, count) }
    return
  }
  mapDensePanels(pointers, sizes: sizes, count: count, work: work, row: row)
}

@inline(never)
private func mapDensePanels(
  _ pointers: Positions, sizes: InlineArray<4, Int>, count: Int, work: Double, row: (borrowing Positions, Int) -> Void
) {
  // Cuts at multiples of 1024 keep the alignment of every row.
  let grain = 1024
  parallelFor((count + grain - 1) / grain, work: Int(Double(count) * work)) { range in
    let start = range.lowerBound * grain
    var place = pointers
    for operand in 0..<4 { place[operand] += start * sizes[operand] }
    row(place, min(range.upperBound * grain, count) - start)
  }
}

/// One contiguous row and one repeated element: the element is spread over a buffer that meets the row piece by piece.
@inline(never)
private func mapDense(
  _ y: Target, _ a: Source, constant: Source, count: Int, work: Double, row: (borrowing Positions, Int) -> Void
) {
  // Up to 1 KiB the buffer is on the stack; longer rows want longer pieces.
  let piece = count <= 128 ? count : 1024
  let size = constant.dtype.size
  let from = TilePlace(pointer: UnsafeMutableRawPointer(mutating: constant.pointer), row: 0, column: 0)
  func run(_ start: Int, _ end: Int) {
    withUnsafeTemporaryAllocation(byteCount: piece * size, alignment: 64) { buffer in
      let spread = buffer.baseAddress!
      copyTile(to: TilePlace(pointer: spread, row: 0, column: 1), from: from, rows: 1, columns: piece, size: size)
      var done = start
      while done < end {
        let target = y.pointer + done * y.dtype.size
        let source = UnsafeMutableRawPointer(mutating: a.pointer) + done * a.dtype.size
        row([target, source, spread, target], min(piece, end - done))
        done += piece
      }
    }
  }
  if count <= Walk.panelLimit {
    if count > 0 { run(0, count) }
    return
  }
  parallelFor((count + piece - 1) / piece, work: Int(Double(count) * work)) { range in
    run(range.lowerBound * piece, min(range.upperBound * piece, count))
  }
}

/// Whether all elements are the same one.
private func isConstant(_ shape: Dimensions, _ strides: Dimensions) -> Bool {
  for axis in shape.indices where shape[axis] != 1 && strides[axis] != 0 { return false }
  return true
}

/// The buffers of a thread, and what they hold: repeated operands are filled in only once.
private struct TileBuffers {
  static let bytes = Walk.tileLimit * 8

  let memory: UnsafeMutableRawPointer
  var held: InlineArray<4, UnsafeMutableRawPointer?> = [nil, nil, nil, nil]
  var heldRows = 0
  var heldColumns = 0

  func buffer(_ operand: Int) -> UnsafeMutableRawPointer { memory + operand * TileBuffers.bytes }
}

@inline(never)
private func mapTiles(
  _ operands: InlineArray<4, Operand>, _ operandCount: Int, shape: Dimensions, work: Double,
  row: (borrowing Positions, Int) -> Void
) {
  guard let walk = Walk(shape: shape, operands: operands, operandCount: operandCount) else { return }
  walk.forEachTile(
    work: work,
    begin: { TileBuffers(memory: .allocate(byteCount: 4 * TileBuffers.bytes, alignment: 64)) },
    end: { $0.memory.deallocate() },
    body: { buffers, places, rows, columns in
      if rows != buffers.heldRows || columns != buffers.heldColumns {
        buffers.held = [nil, nil, nil, nil]
        buffers.heldRows = rows
        buffers.heldColumns = columns
      }
      // Long rows are handed over one by one, so that operands with dense rows stay where they are.
      let isByRow = rows > 1 && columns >= 16
      var rowPlaces = Positions(repeating: places[0])
      var pitches: InlineArray<4, Int> = [0, 0, 0, 0]
      for operand in 0..<operandCount {
        let (rowStride, columnStride) = (walk.rowStride(operand), walk.columnStride(operand))
        if columnStride == 1 && (isByRow || rows == 1 || rowStride == columns) {
          rowPlaces[operand] = places[operand]
          pitches[operand] = rowStride * walk.size(operand)
          continue
        }
        rowPlaces[operand] = buffers.buffer(operand)
        pitches[operand] = columns * walk.size(operand)
        if operand == 0 || buffers.held[operand] == places[operand] { continue }
        // Tiles at the same place hold the same elements; this only happens to operands that are repeated.
        buffers.held[operand] = places[operand]
        copyTile(
          to: TilePlace(pointer: rowPlaces[operand], row: columns, column: 1),
          from: TilePlace(pointer: places[operand], row: rowStride, column: columnStride),
          rows: rows, columns: columns, size: walk.size(operand))
      }
      if isByRow {
        var place = rowPlaces
        for _ in 0..<rows {
          row(place, columns)
          for operand in 0..<operandCount { place[operand] += pitches[operand] }
        }
      } else {
        row(rowPlaces, rows * columns)
      }
      if rowPlaces[0] != places[0] {
        copyTile(
          to: TilePlace(pointer: places[0], row: walk.rowStride(0), column: walk.columnStride(0)),
          from: TilePlace(pointer: rowPlaces[0], row: columns, column: 1),
          rows: rows, columns: columns, size: walk.size(0))
      }
    })
}
