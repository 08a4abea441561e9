package import Dials

extension PositionEvaluation {
  /// Reads the text with `reach`, and beside it the same tokens afresh; up to position `beside` with full
  /// attention and with a window alone too, of which 0 makes none. `progress` sees the share that is
  /// done of a reading, 1 at its end, and ends all of them by answering false.
  package func curves(
    _ reach: ReachSetting, beside: Int, progress: (Reading, Double) -> Bool
  ) -> [Curve] {
    var curves: [Curve] = []
    for (reading, end) in Self.readings(reach, beside: beside) {
      var isWanted = true
      curves.append(
        run(reading, until: end) { share in
          isWanted = progress(reading, share)
          return isWanted
        })
      guard isWanted else { break }
    }
    return curves
  }

  /// The ways to read, and how far each goes.
  private static func readings(
    _ reach: ReachSetting, beside: Int
  ) -> [(reading: Reading, end: Int)] {
    var readings = [(Reading(reach), Int.max), (Reading(reach, isAfresh: true), Int.max)]
    guard beside > 0 else { return readings }
    readings.append((Reading(.full), beside))
    if reach.technique != .sliding {
      readings.append((Reading(ReachSetting(.sliding, window: reach.window)), beside))
    }
    return readings
  }
}
