import CKernels

/// Bytes that a worker of a pool reads next: worth calling into its cache while it waits.
package struct Prefetch: Sendable, BitwiseCopyable {
  // Only ever prefetched, never dereferenced.
  nonisolated(unsafe) private var next: UnsafeRawPointer?
  private var left: Int

  /// Nothing to warm.
  package static let nothing = Prefetch(next: nil, left: 0)

  /// How much of a matrix is worth it: well below the size of a second-level cache.
  private static let limit = 128 << 10

  private init(next: UnsafeRawPointer?, left: Int) {
    self.next = next
    self.left = left
  }

  /// The first of `count` bytes.
  package init(_ bytes: UnsafeRawPointer, count: Int) {
    self.init(next: bytes, left: min(count, Self.limit))
  }

  /// The first of `panels` of `matrix`, as far as they are there.
  package init(_ matrix: MatrixView, panels: Range<Int>) {
    let panels = panels.clamped(to: 0..<matrix.panelCount)
    let size = matrix.codeBytes / max(1, matrix.panelCount)
    next = matrix.codes + panels.lowerBound * size
    left = min(panels.count * size, Self.limit)
  }

  /// Calls the next few lines; false when nothing is left.
  mutating func warmNext() -> Bool {
    guard let here = next, left > 0 else { return false }
    ck_warm(here)
    next = here + Int(CK_WARM)
    left -= Int(CK_WARM)
    return true
  }
}
