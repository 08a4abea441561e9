import CAllocations

/// Counts what chosen threads allocate on the heap, so that a test can say "nothing".
///
/// ```swift
/// AllocationCount.watchThisThread()
/// let count = AllocationCount.count { work() }
/// ```
/// Only threads that said so are counted, so tests beside it do not disturb; but only one count may
/// run at a time.
package enum AllocationCount {
  /// Whether allocations can be counted here.
  package static var isPossible: Bool { ca_can_count() != 0 }
  /// Why a test that counts is skipped.
  package static let impossible = "allocations can be counted with glibc and on macOS only"

  /// Adds the calling thread to those that the next count counts.
  package static func watchThisThread() {
    precondition(ca_watch_this_thread() != 0, "too many threads to count")
  }

  /// How often the watched threads allocate while `body` runs. Forgets the threads afterwards.
  package static func count(during body: () -> Void) -> Int {
    ca_start()
    body()
    return ca_stop()
  }
}
