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
private func mapDense(
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
      var rowPlaces = Positions(repeating: places[0])
      for operand in 0..<operandCount {
        let (rowStride, columnStride) = (walk.rowStride(operand), walk.columnStride(operand))
        if columnStride == 1 && (rows == 1 || rowStride == columns) {
          rowPlaces[operand] = places[operand]
          continue
        }
        rowPlaces[operand] = buffers.buffer(operand)
        if operand == 0 || buffers.held[operand] == places[operand] { continue }
        // Tiles at the same place hold the same elements; this only happens to operands that are repeated.
        buffers.held[operand] = places[operand]
        copyTile(
          to: TilePlace(pointer: rowPlaces[operand], row: columns, column: 1),
          from: TilePlace(pointer: places[operand], row: rowStride, column: columnStride),
          rows: rows, columns: columns, size: walk.operands[operand].size)
      }
      row(rowPlaces, rows * columns)
      if rowPlaces[0] != places[0] {
        copyTile(
          to: TilePlace(pointer: places[0], row: walk.rowStride(0), column: walk.columnStride(0)),
          from: TilePlace(pointer: rowPlaces[0], row: columns, column: 1),
          rows: rows, columns: columns, size: walk.operands[0].size)
      }
    })
}
