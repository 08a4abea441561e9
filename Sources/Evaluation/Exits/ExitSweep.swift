import Dials
package import Techniques

/// Every setting of a grid with what it would have done at the positions of a trace, and those of them
/// that nothing beats.
package struct ExitSweep: Hashable, Sendable {
  /// A setting with its outcome.
  package struct Point: Hashable, Sendable {
    /// The setting.
    package var thresholds: ExitThresholds
    /// What it would have done.
    package var outcome: ExitOutcome
  }

  /// Blocks executed before each exit.
  package let depths: [Int]
  /// All settings tried; the first is full depth.
  package private(set) var points: [Point]
  /// The numbers of those that no other beats in both risk and bytes, from safe and dear to cheap.
  package private(set) var front: [Int]

  /// Those of the front of which each errs by a few percent more than the one before: a path for tests one
  /// after another, which end at the first that fails. Neighbours that hardly differ would only add to
  /// the chance that one of them fails by chance.
  package var path: [Int] {
    var least = 0.0
    return front.filter { number in
      let misses = Double(points[number].outcome.missCount)
      guard misses >= least else { return false }
      least = max(misses * Self.stride, misses + 1)
      return true
    }
  }

  /// By how much a setting of the path errs more often than the one before.
  private static let stride = 1.04

  /// The probabilities that are tried as thresholds, with 1 for an exit that is not asked.
  private static let probabilities: [Float] = [
    1, 0.99, 0.98, 0.97, 0.95, 0.93, 0.9, 0.87, 0.84, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.45,
    0.4, 0.35, 0.3,
  ]
  private static let gates: [Float] = [0.2, 0.35, 0.5, 0.6, 0.7, 0.8]
  /// About how many settings are tried before gates.
  private static let size = 6000

  /// Tries the grid on a trace: confidences first, then gates for what came out on the front.
  package init(_ trace: ExitTrace, costs: ExitCosts, fill: FillPolicy) {
    depths = trace.depths
    let dials = trace.depths.count + (trace.last == nil ? 0 : 1)
    let axis = Self.axis(dials: max(1, dials))
    var settings = [ExitThresholds(confidence: trace.depths.map { _ in 1 })]
    for exit in trace.depths.indices {
      settings = settings.flatMap { $0.varied(\.confidence[exit], over: axis) }
    }
    if trace.last != nil { settings = settings.flatMap { $0.varied(\.shortHead, over: axis) } }
    func measured(_ settings: [ExitThresholds]) -> [Point] {
      settings.map {
        Point(thresholds: $0, outcome: trace.outcome(of: $0, costs: costs, fill: fill))
      }
    }
    points = measured(settings)
    front = Self.front(of: points)
    for exit in trace.depths.indices where trace.exits[exit].gate != nil {
      let gated = front.flatMap { number -> [ExitThresholds] in
        let setting = points[number].thresholds
        return setting.confidence[exit] < 1 ? setting.varied(\.gate[exit], over: Self.gates) : []
      }
      points += measured(gated)
      front = Self.front(of: points)
    }
    refine(measured)
  }

  /// Tries settings around those of the front, by smaller and smaller steps.
  private mutating func refine(_ measured: ([ExitThresholds]) -> [Point]) {
    var tried = Set(points.map(\.thresholds))
    for step: Float in [0.04, 0.02, 0.01] {
      let near = front.flatMap { points[$0].thresholds.neighbours(step: step) }
      points += measured(near.filter { tried.insert($0).inserted })
      front = Self.front(of: points)
    }
  }

  /// The thresholds of one dial: all of them, or as many as let the grid have its size.
  private static func axis(dials: Int) -> [Float] {
    var count = probabilities.count
    func size(_ count: Int) -> Int { (0..<dials).reduce(1) { size, _ in size * count } }
    while count > 3, size(count) > Self.size { count -= 1 }
    return (0..<count).map { probabilities[$0 * (probabilities.count - 1) / max(1, count - 1)] }
  }

  /// The points that none beats, the safest first; of equals the first.
  private static func front(of points: [Point]) -> [Int] {
    let order = points.indices.sorted {
      let (a, b) = (points[$0].outcome, points[$1].outcome)
      if a.missCount != b.missCount { return a.missCount < b.missCount }
      if a.bytesPerToken != b.bytesPerToken { return a.bytesPerToken < b.bytesPerToken }
      return $0 < $1
    }
    var cheapest = Double.infinity
    return order.filter { number in
      let bytes = points[number].outcome.bytesPerToken
      defer { cheapest = min(cheapest, bytes) }
      return bytes < cheapest
    }
  }
}

extension ExitThresholds {
  /// The settings with one threshold in use moved by a step up or down.
  fileprivate func neighbours(step: Float) -> [ExitThresholds] {
    func moved(_ place: WritableKeyPath<ExitThresholds, Float>, off: Float) -> [ExitThresholds] {
      let value = self[keyPath: place]
      guard value != off else { return [] }
      // In hundredths, so that a setting reads back as it is written.
      let values = [value - step, value + step].map { ($0 * 100).rounded() / 100 }
      return varied(place, over: values.filter { $0 > 0 && $0 < 1 })
    }
    return confidence.indices.flatMap {
      moved(\.confidence[$0], off: 1) + moved(\.gate[$0], off: 0)
    } + moved(\.shortHead, off: 1)
  }

  /// The setting with each of `values` in one of its places.
  fileprivate func varied(
    _ place: WritableKeyPath<ExitThresholds, Float>, over values: [Float]
  ) -> [ExitThresholds] {
    values.map {
      var changed = self
      changed[keyPath: place] = $0
      return changed
    }
  }
}
