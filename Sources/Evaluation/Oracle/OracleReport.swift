import Dials
import Inference
import Reports
package import Tokenization

/// What the oracle measured, as tables for people, as CSV and as a picture.
package struct OracleReport {
  private let result: OracleResult
  private let curves: OracleCurves
  private let summary: OracleSummary
  private let budget: Int

  /// The report on a result; `budget` is the share of big feed-forwards within which a token's difficulty is
  /// judged.
  package init(_ result: OracleResult, budget: Double = 0.5) {
    self.result = result
    curves = OracleCurves(result)
    summary = OracleSummary(result, curves)
    self.budget = Int((budget * Double(result.groups.count)).rounded())
  }

  /// The paper's findings, one by one.
  package var findings: [OracleFinding] { OracleFinding.all(result, curves, summary) }

  /// The report for people to read.
  package var lines: [String] {
    heading + [""] + budgetTable + [""] + routerTable + [""] + headlines + [""]
      + findings.map(\.line) + [""] + difficultyTable
  }

  private var heading: [String] {
    let (groups, search) = (result.groups, result.search)
    let options = search.options.count == 3 ? "big, small or none" : "big or small"
    let patterns =
      search.method == .groups
      ? "all \(result.shared.count.grouped) patterns"
      : "\(result.shared.count.grouped) patterns by chance, and a \(search.method.rawValue)"
        + (search.method == .beam ? " of \(search.width)" : "") + " by \(search.criterion.rawValue)"
    var lines = [
      "\(result.tokens.count.grouped) tokens of \(result.textCount.grouped) texts; the first half chose "
        + "the fixed patterns, all numbers are of the other \(result.measured.count.grouped)",
      "\(groups.count) groups of \(groups.blockCount / groups.count) blocks, feed-forwards \(options): "
        + patterns,
      "The text before a token was read with all feed-forwards big; only the token's own way varies, its "
        + "own keys and values included. Oracles see what they are judged by: no router can.",
    ]
    if result.tokens.count < result.plannedCount {
      lines.insert("stopped: \(result.plannedCount.grouped) tokens were asked for", at: 1)
    }
    return lines
  }

  private var budgetTable: [String] {
    let rows = curves[.label].map { point -> [String] in
      func at(_ curve: OracleCurve) -> OraclePoint? {
        curves[curve].first { $0.share == point.share }
      }
      let (exact, near, fixed, random) = (at(.exact), at(.divergence), at(.fixed), at(.random))
      return [
        point.share.percent(0), point.loss.rounded(to: 3), exact?.loss.rounded(to: 3) ?? "-",
        near?.loss.rounded(to: 3) ?? "-", near?.divergence.rounded(to: 4) ?? "-",
        fixed?.loss.rounded(to: 3) ?? "-", fixed?.divergence.rounded(to: 4) ?? "-",
        random?.loss.rounded(to: 3) ?? "-", random?.divergence.rounded(to: 4) ?? "-",
        fixed?.pattern?.description ?? "-",
      ]
    }
    return Table(
      header: [
        "BIG", "ORACLE LOSS", "EXACTLY", "BY KL LOSS", "KL", "FIXED LOSS", "KL", "RANDOM LOSS",
        "KL", "FIXED PATTERN",
      ], rows: rows
    ).lines
  }

  private var routerTable: [String] {
    let gains = Dictionary(summary.gains.map { ($0.share, $0) }) { first, _ in first }
    let rows = curves[.router].map { point -> [String] in
      let gain = gains[point.share]
      return [
        point.share.percent(1), point.loss.rounded(to: 3), point.divergence.rounded(to: 4),
        point.agreement.percent(1), gain?.fixed.rounded(to: 4) ?? "-",
        gain?.oracle.rounded(to: 4) ?? "-", gain?.part?.percent(0) ?? "-",
      ]
    }
    return Table(
      header: [
        "ROUTERS: BIG", "LOSS", "KL", "AGREEMENT", "FIXED KL", "ORACLE KL", "OF THE GAIN",
      ], rows: rows
    ).lines
  }

  private var headlines: [String] {
    let small = summary.smallShare.percent(1)
    var lines = [
      "\(small) of the feed-forwards need not be big for a KL below \(OracleSummary.closeLimit) a token"
    ]
    if let gain = summary.gainAtHalf, let part = gain.part {
      lines.append(
        "the routers get \(part.percent(0)) of the oracle's gain over a fixed pattern, at "
          + "\(gain.share.percent(1)) big")
    }
    return lines
  }

  private var difficultyTable: [String] {
    let found = result.measured.compactMap { token in
      result.difficulty(of: token, within: budget).map { (token, $0) }
    }
    let rows = TokenDifficulty.Kind.allCases.map { kind -> [String] in
      let own = found.filter { $0.1.kind == kind }
      func mean(_ value: (TokenDifficulty) -> Double) -> String {
        own.isEmpty ? "-" : own.map { value($0.1) }.mean.rounded(to: 3)
      }
      return [
        kind.rawValue, "\(own.count)",
        (Double(own.count) / Double(max(1, found.count))).percent(1), mean(\.whole), mean(\.small),
        mean(\.best),
        own.isEmpty ? "-" : own.map { Double($0.0.position.rawValue) }.mean.rounded(to: 0),
      ]
    }
    return Table(
      header: ["TOKENS", "COUNT", "SHARE", "ALL BIG", "ALL SMALL", "BEST", "MEAN POSITION"],
      rows: rows
    ).lines
  }
}

extension OracleReport {
  /// All curves: a line for each point.
  package var csv: String {
    let rows = OracleCurve.allCases.flatMap { curve in
      curves[curve].map { point in
        [
          curve.rawValue, point.share.rounded(to: 5), point.loss.rounded(to: 6),
          point.divergence.rounded(to: 6), point.agreement.rounded(to: 5),
          point.pattern?.description ?? "",
        ]
      }
    }
    return CSV.text(
      header: ["curve", "share_big", "loss", "kl", "agreement", "pattern"], rows: rows) + "\n"
  }

  /// Every token, those of the first half too.
  package func tokensCSV(_ tokenizer: Tokenizer) -> String {
    let rows = result.tokens.enumerated().compactMap { index, token -> [String]? in
      guard let difficulty = result.difficulty(of: token, within: budget),
        let best = token.bests.lowestLoss(within: budget),
        let near = token.bests.lowestDivergence(within: budget)
      else { return nil }
      let fewest = token.bests.fewestBig(divergenceBelow: OracleSummary.closeLimit)
      return [
        "\(token.text)", "\(token.position.rawValue)", tokenizer.bytes(of: token.token).escaped,
        index < result.choosing.count ? "first" : "second", difficulty.whole.rounded(to: 6),
        difficulty.small.rounded(to: 6), difficulty.best.rounded(to: 6), best.pattern.description,
        near.score.divergence.rounded(to: 6), near.pattern.description, "\(fewest)",
        difficulty.gain.rounded(to: 6), difficulty.kind.rawValue,
      ]
    }
    return CSV.text(
      header: [
        "text", "position", "token", "half", "loss_big", "loss_small", "best_loss", "best_pattern",
        "best_kl", "best_kl_pattern", "fewest_big", "gain", "difficulty",
      ], rows: rows, quoted: ["token"]) + "\n"
  }

  /// Loss and divergence over the share of big feed-forwards.
  package var svg: String {
    let drawn: [(curve: OracleCurve, name: String, stroke: LineChart.Stroke)] = [
      (.label, "oracle, label", .blue), (.divergence, "oracle, KL", .purple),
      (.fixed, "fixed", .orange), (.random, "random", .gray), (.router, "router", .green),
    ]
    func chart(_ title: String, _ value: (OraclePoint) -> Double) -> LineChart {
      LineChart(
        title: title, xLabel: "feed-forwards that are big",
        xTicks: [0, 0.25, 0.5, 0.75, 1].map { ($0, $0.percent(0)) }, isLogarithmic: true,
        curves: drawn.map { curve, name, stroke in
          // What is no distance at all has its place at the lower end.
          LineChart.Curve(
            name: name, points: curves[curve].map { ($0.share, max(value($0), 1e-3)) },
            stroke: stroke)
        })
    }
    return ChartPage([
      chart("loss of the next token, nats", \.loss),
      chart("KL from the whole model, nats", \.divergence),
    ]).svg
  }
}
