/// Memory aligned to a cache line, freed with its owner. What lies in it is the owner's affair:
/// weights are written once before they are shared; scratch belongs to one pass.
package final class AlignedBytes: Sendable {
  /// The first byte; 64-byte aligned.
  nonisolated(unsafe) package let base: UnsafeMutableRawPointer
  /// How many bytes there are.
  package let count: Int

  /// `count` bytes; zeroed only if asked, so that untouched pages cost no memory.
  package init(count: Int, zeroed: Bool = false) {
    self.count = count
    base = .allocate(byteCount: max(count, 64), alignment: 64)
    if zeroed { base.initializeMemory(as: UInt8.self, repeating: 0, count: max(count, 64)) }
  }

  deinit { base.deallocate() }

  /// The memory as values of `type`.
  package func values<T>(_ type: T.Type) -> UnsafeMutablePointer<T> {
    base.assumingMemoryBound(to: type)
  }
}
