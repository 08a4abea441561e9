import Foundation
import Synchronization

/// Where threads sleep until they are called. To call nobody costs one read.
final class Bell: Sendable {
  private let condition = NSCondition()
  private let sleepers = Atomic<Int>(0)

  /// Sleeps as long as `isIdle` says so. Whoever makes it say otherwise rings afterwards.
  func sleep(while isIdle: () -> Bool) {
    condition.lock()
    sleepers.add(1, ordering: .sequentiallyConsistent)
    while isIdle() { condition.wait() }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
    condition.unlock()
  }

  /// Has all who sleep ask again.
  func ring() {
    guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
    condition.lock()
    condition.broadcast()
    condition.unlock()
  }
}
