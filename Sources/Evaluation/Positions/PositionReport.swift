import Dials
import Foundation
import Inference
import Reports
import Techniques

/// Perplexity by position as a table, as CSV, JSON or a picture.
package struct PositionReport: RowReport {
  /// One bucket under one reading.
  package struct Row: Codable {
    var modelFilename: String
    var reach: String
    var isAfresh: Bool
    var from: Int
    var to: Int
    var ppl: Double
    /// How many times the perplexity of the same tokens read afresh, and the 95 % interval.
    var ratio: Double?
    var ratioLow: Double?
    var ratioHigh: Double?
  }

  private let modelFile: String
  private let evaluation: PositionEvaluation
  /// The windowed reading first, then what stands beside it.
  private let curves: [PositionEvaluation.Curve]

  /// The report on curves of `evaluation`, the windowed one first.
  package init(
    modelFile: String, evaluation: PositionEvaluation, curves: [PositionEvaluation.Curve]
  ) {
    self.modelFile = modelFile
    self.evaluation = evaluation
    self.curves = curves
  }

  private var afresh: PositionEvaluation.Curve? { curves.first(where: \.reading.isAfresh) }

  private func range(of bucket: Int) -> Range<Int> {
    bucket * evaluation.bucketLength..<(bucket + 1) * evaluation.bucketLength
  }

  private var buckets: [Int] {
    evaluation.scored.filter { bucket in curves.contains { $0.losses[bucket] != nil } }
  }

  private static func name(_ reading: PositionEvaluation.Reading) -> String {
    if reading.isAfresh { return "read afresh" }
    return reading.reach.isLimited ? "\(reading.reach.technique.rawValue)" : "full"
  }

  package var csv: String {
    CSV.text(
      header: [
        "model_filename", "reach", "is_afresh", "from", "to", "ppl", "ratio", "ratio_low",
        "ratio_high",
      ],
      rows: rows.map { row in
        let numbers = [row.ratio, row.ratioLow, row.ratioHigh]
        return [
          row.modelFilename, row.reach, "\(row.isAfresh)", "\(row.from)", "\(row.to)", "\(row.ppl)",
        ] + numbers.map { $0.map { "\($0)" } ?? "" }
      })
  }

  package var rows: [Row] {
    buckets.flatMap { bucket in
      curves.compactMap { curve in
        guard let perplexity = curve.perplexity(in: bucket) else { return nil }
        let ratio =
          curve.reading.isAfresh ? nil : afresh.flatMap { curve.ratio(to: $0, in: bucket) }
        return Row(
          modelFilename: modelFile, reach: "\(curve.reading.reach)",
          isAfresh: curve.reading.isAfresh, from: range(of: bucket).lowerBound,
          to: range(of: bucket).upperBound, ppl: perplexity, ratio: ratio?.value,
          ratioLow: ratio?.interval.lowerBound, ratioHigh: ratio?.interval.upperBound)
      }
    }
  }

  package var lines: [String] {
    let heading =
      "\(modelFile), \(evaluation.tokens.count.grouped) tokens, "
      + "buckets of \(evaluation.bucketLength), \(curves.first?.reading.reach.description ?? "")"
    let table = Table(
      header: ["POSITIONS"] + curves.map { Self.name($0.reading).uppercased() }
        + ["\(Self.name(curves[0].reading).uppercased()) / AFRESH"],
      rows: buckets.map { bucket in
        let ratio = afresh.flatMap { curves[0].ratio(to: $0, in: bucket) }
        let words = ratio.map {
          "\($0.value.rounded(to: 4)) (\($0.interval.lowerBound.rounded(to: 4)) to "
            + "\($0.interval.upperBound.rounded(to: 4)))"
        }
        return ["\(range(of: bucket).lowerBound)-\(range(of: bucket).upperBound)"]
          + curves.map { $0.perplexity(in: bucket)?.rounded(to: 2) ?? "-" } + [words ?? "-"]
      })
    return [heading] + table.lines + curves.map(summary)
  }

  /// What a reading took: `lambda: 2103 tokens a second, memory 181.0 to 181.2 MB (0.1 %)`.
  private func summary(_ curve: PositionEvaluation.Curve) -> String {
    let speed = curve.seconds > 0 ? Double(curve.tokenCount) / curve.seconds : 0
    let memory = curve.memory.map { range in
      let spread = Double(range.count - 1) / Double(max(1, range.upperBound)) * 100
      return ", memory \(range.lowerBound.megabytes) to \(range.upperBound.megabytes) "
        + "(\(spread.rounded(to: 2)) %)"
    }
    return "\(Self.name(curve.reading)): \(curve.tokenCount.grouped) tokens, "
      + "\(speed.rounded(to: 0)) a second" + (curve.reading.isAfresh ? "" : memory ?? "")
  }

  /// The curves over the positions.
  package var svg: String {
    let strokes: [LineChart.Stroke] = [.blue, .green, .orange, .gray]
    let last = Double(buckets.last.map { range(of: $0).upperBound } ?? 1)
    let lines = zip(curves, strokes).map { curve, stroke in
      LineChart.Curve(
        name: Self.name(curve.reading),
        points: buckets.compactMap { bucket in
          curve.perplexity(in: bucket).map {
            (Double(range(of: bucket).lowerBound + range(of: bucket).upperBound) / 2, $0)
          }
        }, stroke: stroke)
    }
    return ChartPage([
      LineChart(
        title: "perplexity by position", xLabel: "position",
        xTicks: (0...4).map { (last * Double($0) / 4, "\(Int(last * Double($0) / 4).grouped)") },
        isLogarithmic: true, curves: lines)
    ]).svg
  }
}
