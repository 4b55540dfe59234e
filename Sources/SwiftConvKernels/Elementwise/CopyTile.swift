#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A place in memory with a distance between rows and between columns, in elements.
struct TilePlace {
  let pointer: UnsafeMutableRawPointer
  let row: Int
  let column: Int
}

/// Copies `rows` x `columns` elements of `size` bytes from any layout to any layout.
func copyTile(to target: TilePlace, from source: TilePlace, rows: Int, columns: Int, size: Int) {
  if source.column == 1, target.column == 1 {
    if source.row == columns, target.row == columns || rows == 1 {
      memcpy(target.pointer, source.pointer, rows * columns * size)
    } else {
      for row in 0..<rows {
        memcpy(target.pointer + row * target.row * size, source.pointer + row * source.row * size, columns * size)
      }
    }
    return
  }
  switch size {
  case 1: copyElements(UInt8.self, to: target, from: source, rows: rows, columns: columns)
  case 4: copyElements(UInt32.self, to: target, from: source, rows: rows, columns: columns)
  default: copyElements(UInt64.self, to: target, from: source, rows: rows, columns: columns)
  }
}

@inline(__always)
private func copyElements<T>(_ type: T.Type, to target: TilePlace, from source: TilePlace, rows: Int, columns: Int) {
  let y = target.pointer.assumingMemoryBound(to: T.self)
  let x = source.pointer.assumingMemoryBound(to: T.self)
  // The inner loop goes where the steps are shorter: cache lines are used up before they are left.
  if abs(source.row) + abs(target.row) < abs(source.column) + abs(target.column), source.row != 0 {
    for column in 0..<columns {
      let (to, from) = (y + column &* target.column, x + column &* source.column)
      for row in 0..<rows { to[row &* target.row] = from[row &* source.row] }
    }
  } else if source.column == 0, target.column == 1 {
    for row in 0..<rows {
      let (to, value) = (y + row &* target.row, x[row &* source.row])
      for column in 0..<columns { to[column] = value }
    }
  } else {
    for row in 0..<rows {
      let (to, from) = (y + row &* target.row, x + row &* source.row)
      for column in 0..<columns { to[column &* target.column] = from[column &* source.column] }
    }
  }
}
