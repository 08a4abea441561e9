import Dials
import Evaluation
import Foundation
import Techniques

/// What a calibration found: presets, a table, every setting as CSV, and a picture.
struct CalibrationReport {
  private let calibration: ExitCalibration
  private let selections: [(preset: Preset, limit: Double, found: ExitCalibration.Selection?)]
  private let dense: Int
  private let blockCount: Int
  private let confidence: Double

  /// By setting, full depth's time a token over the setting's, where it was measured.
  var times: [ExitThresholds: Double] = [:]

  /// Settings worth timing: some of the path, evenly spread, and the presets.
  var timedSettings: [ExitThresholds] {
    let some = calibration.path.filter { !$0.isOff }.spread(10)
    let chosen = selections.compactMap { $0.found?.thresholds }.filter {
      !$0.isOff && !some.contains($0)
    }
    return some + Set(chosen)
  }

  private var depths: [Int] { calibration.sweep.depths }

  /// Selects a setting for each preset. `dense` are the bytes of a token at full depth.
  init(
    calibration: ExitCalibration, limits: [(preset: Preset, limit: Double)], dense: Int,
    blockCount: Int, confidence: Double
  ) {
    self.calibration = calibration
    self.dense = dense
    self.blockCount = blockCount
    self.confidence = confidence
    selections = limits.map { ($0.preset, $0.limit, calibration.selection(limit: $0.limit)) }
  }

  func test(followed: Double, unit: ExitCalibration.Unit, seed: UInt64) -> ExitCertificate.Test {
    var effect: Double?
    if case .tokens(let value) = calibration.test { effect = value }
    return ExitCertificate.Test(
      unit: unit, effect: effect, confidence: confidence, choosingN: calibration.choosingCount,
      testingN: calibration.testingCount, tokenN: calibration.tokenCount, followed: followed,
      seed: seed)
  }

  func presets(fill: FillPolicy) -> [String: CertifiedSetting] {
    var presets: [String: CertifiedSetting] = [:]
    for case (let preset, _, let found?) in selections {
      presets[preset.rawValue] = CertifiedSetting(
        found, depths: depths, blockCount: blockCount, fill: fill)
    }
    return presets
  }

  /// The presets as a table.
  var lines: [String] {
    let rows = selections.map { preset, limit, found -> [String] in
      guard let found else {
        return [
          preset.rawValue, Self.percent(limit), "-", "", "", "", "too few answers to show it",
        ]
      }
      let dials = found.thresholds.dials(depths: depths, fill: .catchUp)
      let agreement =
        "\(Self.percent(1 - found.outcome.risk)) (\(Self.percent(found.agreement.lowerBound)) to "
        + "\(Self.percent(found.agreement.upperBound)))"
      return [
        preset.rawValue, Self.percent(limit), Self.percent(found.upperBound), agreement,
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
    let path = Set(calibration.sweep.path)
    let lines = calibration.sweep.points.enumerated().map { number, point in
      let dials = point.thresholds.dials(depths: depths, fill: .catchUp)
      return "\"\(dials.exit)\",\(dials.shortHead.map { "\($0)" } ?? ""),"
        + "\((1 - point.outcome.risk).rounded(to: 5)),\(relative(point.outcome).rounded(to: 5)),"
        + "\(point.outcome.meanBlocks.rounded(to: 3)),\(path.contains(number)),"
        + (times[point.thresholds]?.rounded(to: 3) ?? "")
    }
    return ([head] + lines).joined(separator: "\n") + "\n"
  }

  private func relative(_ outcome: ExitOutcome) -> Double {
    outcome.bytesPerToken / Double(dense)
  }

  /// Agreement over bytes: settings tried, the path, and where the presets stand.
  var svg: String {
    let points = calibration.sweep.points.map {
      ParetoPicture.Point(x: relative($0.outcome), y: 1 - $0.outcome.risk)
    }
    let marks = selections.compactMap { preset, _, found in
      found.map {
        ParetoPicture.Mark(
          point: .init(x: $0.relativeBytes, y: 1 - $0.outcome.risk),
          interval: $0.agreement, label: preset.rawValue)
      }
    }
    let timed = calibration.sweep.path.compactMap { number -> ParetoPicture.Point? in
      let point = calibration.sweep.points[number]
      return times[point.thresholds].map { .init(x: 1 / $0, y: 1 - point.outcome.risk) }
    }
    return ParetoPicture(
      points: points, front: calibration.sweep.path.map { points[$0] }, timed: timed,
      marks: marks,
      xLabel: "a token relative to full depth: weight bytes"
        + (timed.isEmpty ? "" : ", and time as squares"),
      yLabel: "agreement with full depth"
    ).svg
  }
}
