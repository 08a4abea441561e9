import Dials
import Reports
import Techniques

/// What a calibration found: presets, a table, every setting as CSV, and a picture.
package struct CalibrationReport {
  private let result: Calibration

  /// The report on a calibration.
  package init(_ result: Calibration) { self.result = result }

  /// The presets as a table.
  package var lines: [String] {
    let rows = result.selections.map { name, limit, found -> [String] in
      guard let found else {
        return [name, limit.percent(1), "-", "", "", "", "too few answers to show it"]
      }
      let dials = found.thresholds.dials(depths: result.depths, fill: .catchUp)
      let agreement =
        "\((1 - found.outcome.risk).percent(1)) (\(found.agreement.lowerBound.percent(1)) to "
        + "\(found.agreement.upperBound.percent(1)))"
      return [
        name, limit.percent(1), found.upperBound.percent(1), agreement,
        found.outcome.meanBlocks.rounded(to: 2), found.relativeBytes.rounded(to: 3),
        dials.exit.description + (dials.shortHead.map { ", short head \($0)" } ?? ""),
      ]
    }
    return Table(
      header: ["PRESET", "RISK <", "BOUND", "AGREEMENT", "BLOCKS", "BYTES", "SETTING"], rows: rows
    ).lines
  }

  /// Every setting tried, on the third that chose the path.
  package var csv: String {
    let path = Set(result.calibration.sweep.path)
    let rows = result.calibration.sweep.points.enumerated().map { number, point -> [String] in
      let dials = point.thresholds.dials(depths: result.depths, fill: .catchUp)
      return [
        "\(dials.exit)", dials.shortHead.map { "\($0)" } ?? "",
        (1 - point.outcome.risk).rounded(to: 5),
        result.relativeBytes(point.outcome).rounded(to: 5),
        point.outcome.meanBlocks.rounded(to: 3), "\(path.contains(number))",
        result.times[point.thresholds]?.rounded(to: 3) ?? "",
      ]
    }
    return CSV.text(
      header: [
        "exit", "short_head", "agreement", "relative_bytes", "mean_blocks", "on_path", "time_ratio",
      ], rows: rows, quoted: ["exit"]) + "\n"
  }

  /// Agreement over bytes: settings tried, the path, and where the presets stand.
  package var svg: String {
    let points = result.calibration.sweep.points.map {
      ParetoPicture.Point(x: result.relativeBytes($0.outcome), y: 1 - $0.outcome.risk)
    }
    let marks = result.selections.compactMap { name, _, found in
      found.map {
        ParetoPicture.Mark(
          point: .init(x: $0.relativeBytes, y: 1 - $0.outcome.risk),
          interval: $0.agreement, label: name)
      }
    }
    let timed = result.calibration.sweep.path.compactMap { number -> ParetoPicture.Point? in
      let point = result.calibration.sweep.points[number]
      return result.times[point.thresholds].map { .init(x: 1 / $0, y: 1 - point.outcome.risk) }
    }
    return ParetoPicture(
      points: points, front: result.calibration.sweep.path.map { points[$0] }, timed: timed,
      marks: marks,
      xLabel: "a token relative to full depth: weight bytes"
        + (timed.isEmpty ? "" : ", and time as squares"),
      yLabel: "agreement with full depth"
    ).svg
  }
}
