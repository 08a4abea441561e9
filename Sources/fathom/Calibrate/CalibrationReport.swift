import Dials
import Evaluation
import Foundation

/// What a calibration found: presets, a table, every setting as CSV, and a picture.
struct CalibrationReport {
  private let result: Calibration

  /// The report on a calibration.
  init(_ result: Calibration) { self.result = result }

  /// The presets as a table.
  var lines: [String] {
    let rows = result.selections.map { name, limit, found -> [String] in
      guard let found else {
        return [
          name, Self.percent(limit), "-", "", "", "", "too few answers to show it",
        ]
      }
      let dials = found.thresholds.dials(depths: result.depths, fill: .catchUp)
      let agreement =
        "\(Self.percent(1 - found.outcome.risk)) (\(Self.percent(found.agreement.lowerBound)) to "
        + "\(Self.percent(found.agreement.upperBound)))"
      return [
        name, Self.percent(limit), Self.percent(found.upperBound), agreement,
        found.outcome.meanBlocks.rounded(to: 2), found.relativeBytes.rounded(to: 3),
        dials.exit.description + (dials.shortHead.map { ", short head \($0)" } ?? ""),
      ]
    }
    return Table(
      header: ["PRESET", "RISK <", "BOUND", "AGREEMENT", "BLOCKS", "BYTES", "SETTING"], rows: rows
    ).lines
  }

  private static func percent(_ share: Double) -> String { "\((100 * share).rounded(to: 1)) %" }

  /// Every setting tried, on the third that chose the path.
  var csv: String {
    let head = "exit,short_head,agreement,relative_bytes,mean_blocks,on_path,time_ratio"
    let path = Set(result.calibration.sweep.path)
    let lines = result.calibration.sweep.points.enumerated().map { number, point in
      let dials = point.thresholds.dials(depths: result.depths, fill: .catchUp)
      return "\"\(dials.exit)\",\(dials.shortHead.map { "\($0)" } ?? ""),"
        + "\((1 - point.outcome.risk).rounded(to: 5)),\(result.relativeBytes(point.outcome).rounded(to: 5)),"
        + "\(point.outcome.meanBlocks.rounded(to: 3)),\(path.contains(number)),"
        + (result.times[point.thresholds]?.rounded(to: 3) ?? "")
    }
    return ([head] + lines).joined(separator: "\n") + "\n"
  }

  /// Agreement over bytes: settings tried, the path, and where the presets stand.
  var svg: String {
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
