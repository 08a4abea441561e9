#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Memory aligned to a cache line, freed with its owner. What lies in it is the owner's affair:
/// weights are written once before they are shared; scratch belongs to one pass.
///
/// Large pieces are whole pages of their own: zero without being touched, so that scratch for many
/// rows costs memory only once there are many rows, and given back to the system at once when freed.
package final class AlignedBytes: Sendable {
  /// The first byte; 64-byte aligned.
  nonisolated(unsafe) package let base: UnsafeMutableRawPointer
  /// How many bytes there are.
  package let count: Int
  private let isMapped: Bool

  /// From this size on, pages of their own.
  private static let pagesFrom = 1 << 16

  /// `count` bytes; zero only if asked. With `hugePages` the system is asked for pages of megabytes
  /// where it has them, which suits what is read from end to end and grows from its beginning.
  package init(count: Int, zeroed: Bool = false, hugePages: Bool = false) {
    self.count = count
    if count >= Self.pagesFrom, let pages = Self.pages(count) {
      #if os(Linux)
        if hugePages { madvise(pages, count, Int32(MADV_HUGEPAGE)) }
      #endif
      base = pages
      isMapped = true
      return
    }
    isMapped = false
    base = .allocate(byteCount: max(count, 64), alignment: 64)
    if zeroed { base.initializeMemory(as: UInt8.self, repeating: 0, count: max(count, 64)) }
  }

  /// Whether the system would give so many bytes now. A limit of the process (`ulimit -v`) shows here; that
  /// the machine has less than it promises does not.
  package static func mayHave(_ count: Int) -> Bool {
    guard let pages = pages(count) else { return false }
    munmap(pages, count)
    return true
  }

  deinit {
    if isMapped {
      munmap(base, count)
    } else {
      base.deallocate()
    }
  }

  private static func pages(_ count: Int) -> UnsafeMutableRawPointer? {
    let pages = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    return pages == MAP_FAILED ? nil : pages
  }

  /// The memory as values of `type`.
  package func values<T>(_ type: T.Type) -> UnsafeMutablePointer<T> {
    base.assumingMemoryBound(to: type)
  }
}
