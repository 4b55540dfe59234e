@_exported import SwiftConvKernels

/// A block of memory with one owner: the library itself, or a host that lent it and is told when it is no longer used.
///
/// Views share a storage; it goes when the last of them goes, on whichever thread that happens.
public final class Storage {
  public let pointer: UnsafeMutableRawPointer?
  public let byteCount: Int

  /// False for memory that was lent read-only.
  public let isWritable: Bool

  /// Counts modifications in place, so that backward can tell when a value it saved is gone.
  public internal(set) var version = 0

  private let onRelease: (() -> Void)?

  /// New memory with undefined contents, or nil when it cannot be had.
  init?(byteCount: Int) {
    guard byteCount > 0 else {
      pointer = nil
      self.byteCount = 0
      isWritable = true
      onRelease = nil
      return
    }
    guard let memory = Memory.allocate(byteCount: byteCount) else { return nil }
    pointer = memory
    self.byteCount = byteCount
    isWritable = true
    onRelease = nil
  }

  /// Memory that belongs to somebody else, who is told by `onRelease`.
  public init(
    borrowing pointer: UnsafeMutableRawPointer?, isWritable: Bool, onRelease: @escaping () -> Void
  ) {
    self.pointer = pointer
    byteCount = 0
    self.isWritable = isWritable
    self.onRelease = onRelease
  }

  deinit {
    if let onRelease {
      onRelease()
    } else if let pointer {
      Memory.deallocate(pointer, byteCount: byteCount)
    }
  }
}
