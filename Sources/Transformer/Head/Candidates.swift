import Foundation
package import Kernels

/// The top k of many values.
package enum Candidates {
  /// A value and its index.
  package struct Entry: Hashable, Sendable {
    /// Where it stands among the values.
    package var index: Int
    /// The value.
    package var value: Float

    /// The value at `index`.
    package init(index: Int, value: Float) {
      self.index = index
      self.value = value
    }
  }

  /// `e^(value - highest)`: the odds of a value against the highest one.
  package static func weight(_ value: Float, highest: Float) -> Float { exp(value - highest) }

  /// The `limit` highest values in descending order, all of them when `limit` is 0; among equals the
  /// lower index first; NaN is left out. `replacing` holds values that count instead
  /// of those in `values`.
  package static func top(
    _ limit: Int, of values: UnsafeBufferPointer<Float>, replacing: [Int: Float] = [:],
    kernels: KernelSet = .best
  ) -> [Entry] {
    let count = limit <= 0 ? values.count : min(limit, values.count)
    var best: [Entry] = []
    best.reserveCapacity(count + 1)
    func precedes(_ a: Entry, _ b: Entry) -> Bool {
      a.value > b.value || (a.value == b.value && a.index < b.index)
    }
    if count == values.count {
      best = values.indices.map { Entry(index: $0, value: replacing[$0] ?? values[$0]) }
      best.removeAll { $0.value.isNaN }
      best.sort(by: precedes)
      return best
    }
    var bar = -Float.infinity
    func offer(_ entry: Entry) {
      if best.count == count && !precedes(entry, best[count - 1]) { return }
      let place = best.firstIndex { precedes(entry, $0) } ?? best.count
      best.insert(entry, at: place)
      if best.count > count { best.removeLast() }
      if best.count == count { bar = best[count - 1].value }
    }
    for (index, value) in replacing where !value.isNaN { offer(Entry(index: index, value: value)) }
    let untouched = replacing.isEmpty
    var index = kernels.nextIndex(in: values, from: 0, atLeast: bar)
    while index < values.count {
      if untouched || replacing[index] == nil {
        offer(Entry(index: index, value: values[index]))
      }
      index = kernels.nextIndex(in: values, from: index + 1, atLeast: bar)
    }
    return best
  }
}
