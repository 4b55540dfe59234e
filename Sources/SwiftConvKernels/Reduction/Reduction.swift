/// Many elements to one. Strides are in elements, one for each axis of `shape`.
///
/// Sums of float32 and float64 are added as trees, so that their error grows with the logarithm of the length. No
/// result depends on the number of threads.
public enum Reduction {
  /// Reduces the axes whose bit is set in `axes`; `y` has stride 0 on them. Elements of `x` are converted to the type
  /// of `y` as they are read; `any` and `all` write `bool`. Without an element the result is the identity: 0 for a sum,
  /// 1 for a product.
  public static func reduce(_ op: ReduceOperation, _ x: Source, into y: Target, shape: Dimensions, axes: UInt8) {
    switch op {
    case .any, .all: reduce(TruthReducer(isAny: op == .any), x, y, shape, axes)
    default:
      if y.dtype.isFloatingPoint {
        reduce(NumberReducer(op, y.dtype), x, y, shape, axes)
      } else {
        reduce(IntegerReducer(operation: op), x, y, shape, axes)
      }
    }
  }

  /// Reduces a few elements in a row, of a floating-point type that is also the result's, to one. False if there are none,
  /// or so many that threads may share them.
  public static func reduce(
    _ op: ReduceOperation, _ x: UnsafeRawPointer, count: Int, into y: UnsafeMutableRawPointer, dtype: DType
  ) -> Bool {
    guard count > 0, count <= Walk.panelLimit else { return false }
    let reducer = NumberReducer(op, dtype)
    reducer.store(reducer.reduceRow(x, count), y, dtype)
    return true
  }

  private static func reduce<R: Reducer>(_ reducer: R, _ x: Source, _ y: Target, _ shape: Dimensions, _ axes: UInt8) {
    if reduceDenseRows(reducer, x, y, shape, axes) { return }
    var (keptShape, reducedShape) = (Dimensions(), Dimensions())
    var (keptX, keptY, reducedX) = (Operand(x), Operand(y), Operand(x))
    (keptX.strides, keptY.strides, reducedX.strides) = (Dimensions(), Dimensions(), Dimensions())
    for axis in shape.indices {
      if axes >> UInt8(axis) & 1 == 1 {
        reducedShape.append(shape[axis])
        reducedX.strides.append(x.strides[axis])
      } else {
        keptShape.append(shape[axis])
        keptX.strides.append(x.strides[axis])
        keptY.strides.append(y.strides[axis])
      }
    }
    let outputs: InlineArray<4, Operand> = [keptX, keptY, keptX, keptX]
    guard let kept = Walk(shape: keptShape, operands: outputs, operandCount: 2) else { return }
    let inputs: InlineArray<4, Operand> = [reducedX, reducedX, reducedX, reducedX]
    guard let reduced = Walk(shape: reducedShape, operands: inputs, operandCount: 1) else {
      kept.forEachTile(work: 1, begin: {}, end: { _ in }) { _, place, rows, columns in
        for row in 0..<rows {
          for column in 0..<columns {
            let offset = row * kept.rowStride(1) + column * kept.columnStride(1)
            reducer.store(reducer.identity, place[1] + offset * y.dtype.size, y.dtype)
          }
        }
      }
      return
    }
    let job = ReductionJob(
      reducer: reducer, kept: kept, reduced: reduced, xType: x.dtype, yType: y.dtype,
      shift: reduced.operands[0].pointer - UnsafeMutableRawPointer(mutating: x.pointer))
    if kept.columns > 1, kept.columnStride(0) == 1, reduced.columnStride(0) != 1, reduced.shape.product > 1 {
      job.reduceRowsTogether()
    } else {
      job.reduceEach()
    }
  }
}

/// The usual case at little cost: the last axes of a dense array, to a dense result. False if it is another case.
private func reduceDenseRows<R: Reducer>(
  _ reducer: R, _ x: Source, _ y: Target, _ shape: Dimensions, _ axes: UInt8
) -> Bool {
  guard x.dtype == reducer.dtype, isDense(shape, x.strides) else { return false }
  var (length, expected) = (1, 1)
  for axis in stride(from: shape.count - 1, through: 0, by: -1) where shape[axis] != 1 {
    if axes >> UInt8(axis) & 1 == 1 {
      if expected > 1 { return false }
      length *= shape[axis]
    } else {
      if y.strides[axis] != expected { return false }
      expected *= shape[axis]
    }
  }
  guard length > 0, length <= Walk.panelLimit, expected > 0 else { return false }
  let (from, to, step, yStep) = (x.pointer, y.pointer, length * x.dtype.size, y.dtype.size)
  func run(_ range: Range<Int>) {
    for row in range { reducer.store(reducer.reduceRow(from + row * step, length), to + row * yStep, y.dtype) }
  }
  if expected == 1 {
    run(0..<1)
  } else {
    parallelFor(expected, work: expected * (10 + length / 8), run)
  }
  return true
}

/// A reduction as two walks: over the results, and over the elements that belong to the first result.
struct ReductionJob<R: Reducer> {
  let reducer: R
  /// Operand 0 is `x`, operand 1 is `y`.
  let kept: Walk
  /// Operand 0 is `x`.
  let reduced: Walk
  let xType: DType
  let yType: DType
  /// From `x` to where the walk over the elements begins, in bytes.
  let shift: Int

  private static var bufferBytes: Int { Walk.tileLimit * 8 }

  // MARK: One result after the other

  /// For results whose elements are neighbours in memory, or scattered. With few results the threads share each one.
  func reduceEach() {
    let panels = reduced.panels()
    let all = kept.panels(limit: 256)
    let work = reduced.shape.product * kept.shape.product
    if kept.shape.product < 16, panels.count > 1 {
      let partial = UnsafeMutablePointer<R.Value>.allocate(capacity: panels.count)
      defer { partial.deallocate() }
      forEachResult(all, 0..<all.count) { x, y in
        parallelFor(panels.count, work: reduced.shape.product) { range in
          withBuffer { buffer in
            for index in range { partial[index] = reducePanel(index, panels, x, buffer) }
          }
        }
        var fold = PairwiseFold(reducer)
        for index in 0..<panels.count { fold.add(partial[index]) }
        reducer.store(fold.result, y, yType)
      }
      return
    }
    // The usual case, without any tiles: the elements of a result are one row.
    let isRow = panels.count == 1 && reduced.rows == 1 && reduced.columnStride(0) == 1 && xType == reducer.dtype
    parallelFor(all.count, work: work / 4 + 10 * kept.shape.product) { range in
      withBuffer { buffer in
        forEachResult(all, range) { x, y in
          if isRow {
            reducer.store(reducer.reduceRow(x + shift, reduced.columns), y, yType)
          } else if panels.count == 1 {
            reducer.store(reducePanel(0, panels, x, buffer), y, yType)
          } else {
            var fold = PairwiseFold(reducer)
            for index in 0..<panels.count { fold.add(reducePanel(index, panels, x, buffer)) }
            reducer.store(fold.result, y, yType)
          }
        }
      }
    }
  }

  /// Calls `body` with the places of the results in some panels of the kept axes.
  @inline(__always)
  private func forEachResult(
    _ panels: Panels, _ range: Range<Int>, _ body: (_ x: UnsafeMutableRawPointer, _ y: UnsafeMutableRawPointer) -> Void
  ) {
    let (stepX, stepY) = (kept.columnStride(0) * xType.size, kept.columnStride(1) * yType.size)
    for index in range {
      let panel = kept.panel(index, of: panels)
      for row in 0..<panel.rows {
        let x = panel.place[0] + row * kept.rowStride(0) * xType.size
        let y = panel.place[1] + row * kept.rowStride(1) * yType.size
        for column in 0..<panel.columns { body(x + column * stepX, y + column * stepY) }
      }
    }
  }

  @inline(__always)
  private func withBuffer(_ body: (UnsafeMutableRawPointer) -> Void) {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 2 * Self.bufferBytes, alignment: 64)
    body(memory)
    memory.deallocate()
  }

  /// A panel of the elements of the result whose first element is at `x`.
  private func reducePanel(
    _ index: Int, _ panels: Panels, _ x: UnsafeMutableRawPointer, _ buffer: UnsafeMutableRawPointer
  ) -> R.Value {
    let offset = x - reduced.operands[0].pointer + shift
    var result = reducer.identity
    reduced.forEachTile(of: reduced.panel(index, of: panels)) { place, rows, columns in
      let source = place[0] + offset
      if reduced.columnStride(0) == 1 && (rows == 1 || reduced.rowStride(0) == columns) {
        result = reducer.fold(result, reduceRow(source, rows * columns, buffer))
      } else {
        copyTile(
          to: TilePlace(pointer: buffer, row: columns, column: 1),
          from: TilePlace(pointer: source, row: reduced.rowStride(0), column: reduced.columnStride(0)),
          rows: rows, columns: columns, size: xType.size)
        result = reducer.fold(result, reduceRow(buffer, rows * columns, buffer))
      }
    }
    return result
  }

  /// A contiguous row of `x`, converted where its type is another one.
  private func reduceRow(_ x: UnsafeRawPointer, _ count: Int, _ buffer: UnsafeMutableRawPointer) -> R.Value {
    if xType == reducer.dtype { return reducer.reduceRow(x, count) }
    let converted = buffer + Self.bufferBytes
    var result = reducer.identity
    var start = 0
    while start < count {
      let length = min(Walk.tileLimit, count - start)
      convertRow(xType, x + start * xType.size, reducer.dtype, converted, length)
      result = reducer.fold(result, reducer.reduceRow(converted, length))
      start += length
    }
    return result
  }

  // MARK: Neighbouring results together

  /// Columns that are reduced side by side.
  private static var strip: Int { 256 }
  /// Rows that are taken into accumulators of the computing type before these are folded into values.
  private static var block: Int { 64 }

  /// For results that are neighbours where their elements are not: whole rows are taken into rows of accumulators.
  func reduceRowsTogether() {
    let strips = (kept.columns + Self.strip - 1) / Self.strip
    let lines = kept.shape.product / kept.columns
    // Panels of block² rows keep the sums of blocks short; panels are folded pairwise.
    let panels = reduced.panels(limit: Self.block * Self.block)
    let total = reduced.shape.product * kept.shape.product
    if lines * strips < 16, panels.count > 1 {
      let width = min(Self.strip, kept.columns)
      let partial = UnsafeMutablePointer<R.Value>.allocate(capacity: panels.count * width)
      defer { partial.deallocate() }
      for strip in 0..<lines * strips {
        parallelFor(panels.count, work: total / (2 * lines * strips)) { range in
          for index in range { accumulatePanel(strip, strips, index, panels, partial + index * width) }
        }
        storeStrip(strip, strips) { column in
          var fold = PairwiseFold(reducer)
          for index in 0..<panels.count { fold.add(partial[index * width + column]) }
          return fold.result
        }
      }
      return
    }
    parallelFor(lines * strips, work: total / 2) { range in
      let values = UnsafeMutablePointer<R.Value>.allocate(capacity: Self.strip)
      let folds = UnsafeMutablePointer<PairwiseFold<R>>.allocate(capacity: panels.count > 1 ? Self.strip : 1)
      for strip in range {
        if panels.count == 1 {
          accumulatePanel(strip, strips, 0, panels, values)
          storeStrip(strip, strips) { values[$0] }
        } else {
          folds.initialize(repeating: PairwiseFold(reducer), count: Self.strip)
          for index in 0..<panels.count {
            accumulatePanel(strip, strips, index, panels, values)
            for column in 0..<stripWidth(strip, strips) { folds[column].add(values[column]) }
          }
          storeStrip(strip, strips) { folds[$0].result }
        }
      }
      folds.deallocate()
      values.deallocate()
    }
  }

  private func stripWidth(_ strip: Int, _ strips: Int) -> Int {
    min(Self.strip, kept.columns - strip % strips * Self.strip)
  }

  /// Where a strip of results begins.
  private func stripPlace(_ strip: Int, _ strips: Int) -> Positions {
    let line = Panels(rows: 1, columns: kept.columns, across: 1, down: kept.rows, count: 0)
    var place = kept.panel(strip / strips, of: line).place
    kept.advance(&place, rows: 0, columns: strip % strips * Self.strip)
    return place
  }

  private func storeStrip(_ strip: Int, _ strips: Int, _ value: (Int) -> R.Value) {
    let y = stripPlace(strip, strips)[1]
    for column in 0..<stripWidth(strip, strips) {
      reducer.store(value(column), y + column * kept.columnStride(1) * yType.size, yType)
    }
  }

  /// The values of a strip over one panel of elements.
  private func accumulatePanel(
    _ strip: Int, _ strips: Int, _ index: Int, _ panels: Panels, _ values: UnsafeMutablePointer<R.Value>
  ) {
    let width = stripWidth(strip, strips)
    let panel = reduced.panel(index, of: panels)
    let offset = stripPlace(strip, strips)[0] - reduced.operands[0].pointer + shift
    withBuffer { sums in
      let converted = sums + Self.bufferBytes
      var pending = 0
      values.initialize(repeating: reducer.identity, count: width)
      func begin() {
        for column in 0..<width { reducer.store(reducer.identity, sums + column * reducer.dtype.size, reducer.dtype) }
      }
      func flush() {
        for column in 0..<width { values[column] = reducer.fold(values[column], reducer.value(sums, at: column)) }
        pending = 0
        begin()
      }
      begin()
      for row in 0..<panel.rows {
        var done = 0
        while done < panel.columns {
          let rows = min(Self.block - pending, panel.columns - done)
          let step = reduced.columnStride(0)
          let x = panel.place[0] + offset + (row * reduced.rowStride(0) + done * step) * xType.size
          if xType == reducer.dtype {
            reducer.accumulateRows(x, step: step, rows: rows, columns: width, into: sums)
          } else {
            for line in 0..<rows {
              convertRow(xType, x + line * step * xType.size, reducer.dtype, converted, width)
              reducer.accumulateRows(converted, step: 0, rows: 1, columns: width, into: sums)
            }
          }
          done += rows
          pending += rows
          if pending == Self.block { flush() }
        }
      }
      flush()
    }
  }
}
