/// Every worker of a pool reads its own part of a buffer, 256 bytes at a step, into sums that must be kept: for
/// measuring how fast a machine reads.
package final class MemoryReading: PoolTask {
  private let buffer: AlignedBytes
  private let sums: AlignedBytes

  /// A buffer of `byteCount` bytes for the workers of a pool of `workerCount`.
  package init(byteCount: Int, workerCount: Int) {
    buffer = AlignedBytes(count: byteCount)
    // Pages that were never written all lie in the same place: one page of zeros.
    buffer.base.initializeMemory(as: UInt8.self, repeating: 1, count: byteCount)
    sums = AlignedBytes(count: workerCount * 64, zeroed: true)
  }

  package func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    let steps = buffer.count / pool.count / 256
    let source = buffer.values(SIMD8<UInt64>.self) + worker.index * steps * 4
    var (a, b, c, d) = (
      SIMD8<UInt64>.zero, SIMD8<UInt64>.zero, SIMD8<UInt64>.zero, SIMD8<UInt64>.zero
    )
    for step in 0..<steps {
      a ^= source[4 * step]
      b ^= source[4 * step + 1]
      c ^= source[4 * step + 2]
      d ^= source[4 * step + 3]
    }
    sums.values(SIMD8<UInt64>.self)[worker.index] = (a ^ b) ^ (c ^ d)
  }
}
