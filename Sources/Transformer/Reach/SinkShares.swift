import Kernels

/// How much of attention the sinks got, row by row: sums over blocks by head of keys and values, and in
/// how many blocks.
struct SinkShares: Sendable, BitwiseCopyable {
  private nonisolated(unsafe) let sums: UnsafeMutablePointer<Float>
  private let headCount: Int

  init(blueprint: Blueprint, capacity: Int, in arena: Arena) {
    headCount = blueprint.keyValueHeadCount
    sums = arena.take(capacity * (headCount + 1), of: Float.self)
  }

  private func row(_ row: Int) -> UnsafeMutablePointer<Float> { sums + row * (headCount + 1) }

  /// Begins anew for a row in flight.
  func clear(row: Int) { self.row(row).update(repeating: 0, count: headCount + 1) }

  /// Gives one row in flight what another has so far.
  func copy(row source: Int, to target: Int) {
    row(target).update(from: row(source), count: headCount + 1)
  }

  /// Adds the shares of one group of heads: what the sinks came to (maxima [group], sums [group]), in what
  /// all came to.
  func add(_ sinks: UnsafePointer<Float>, of whole: SplitResult, row: Int, head: Int) {
    let shares = self.row(row)
    for index in 0..<whole.group where sinks[whole.group + index] > 0 {
      let factor = kernelExp(sinks[index] - whole.maxima[index])
      shares[head] += sinks[whole.group + index] * factor / whole.sums[index]
    }
    if head == 0 { shares[headCount] += 1 }
  }

  /// The mean over `queryHeadCount` heads and the blocks so far; nil where no block noted any.
  func mean(row: Int, queryHeadCount: Int) -> Float? {
    let shares = self.row(row)
    let blocks = shares[headCount]
    let sum = (0..<headCount).reduce(Float(0)) { $0 + shares[$1] }
    return blocks > 0 ? sum / (blocks * Float(queryHeadCount)) : nil
  }
}
