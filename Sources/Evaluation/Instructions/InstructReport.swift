import Corpus
import Events
import Inference
import Kernels
import Reports
import Transformer

/// The comparison of settings on instructions as a table, as CSV, or as JSON.
package struct InstructReport: Codable {
  var model: String
  var adapter: String?
  var cpuInfo: String
  var nThreads: Int
  var simd: String
  var tokenLimit: Int
  var rounds: Int
  /// What was asked: all prompts, or so many of each set.
  var prompts: String
  /// The settings in full, by name.
  var settings: [String: String]
  var summaries: [InstructSummary]
  var measurements: [InstructMeasurement]

  /// The report on measurements of `benchmark`; `prompts` says what was asked.
  package init(
    _ measurements: [InstructMeasurement], benchmark: InstructBenchmark, prompts: String
  ) {
    let model = benchmark.model
    self.model = model.card.file
    adapter = model.exits?.head.name
    cpuInfo = Host.processor
    nThreads = model.pool.count
    simd = model.kernels.description
    tokenLimit = benchmark.tokenLimit
    rounds = benchmark.rounds
    self.prompts = prompts
    self.measurements = measurements
    let all = [benchmark.dense] + benchmark.settings
    settings = Dictionary(
      all.map { ($0.name, $0.words) }, uniquingKeysWith: { first, _ in first })
    summaries = (["all"] + InstructSet.allCases.map(\.rawValue)).flatMap { set in
      all.compactMap { setting in
        InstructSummary(
          set: set,
          measurements.filter {
            $0.setting == setting.name && (set == "all" || $0.set == set)
          })
      }
    }
  }

  /// A table of all sets together, one of each set, and what they mean.
  package var markdown: String {
    let all = MarkdownTable(
      [
        "setting", "blocks run", "bytes", "blocks + head + probes + fill", "time ×", "95 %",
        "agreement", "95 %", "ROUGE-L", "NLL", "exits",
      ], words: ["setting", "exits"],
      rows: summaries.filter { $0.set == "all" }.map { row in
        let exits = row.exits.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.percent(1))" }
        return [
          row.setting, row.meanBlocks.rounded(to: 2), row.relativeBytes.rounded(to: 3),
          row.relativeParts.map { $0.rounded(to: 3) }.joined(separator: " + "),
          row.timeRatio.rounded(to: 3), Self.range(row.timeRatioInterval, 3),
          row.agreement.percent(2), Self.range(row.agreementInterval.map { 100 * $0 }, 1),
          row.rougeL.rounded(to: 3), row.nll.rounded(to: 3), exits.joined(separator: ", "),
        ]
      })
    let sets = MarkdownTable(
      ["set", "setting", "answers", "bytes", "time ×", "agreement", "95 %", "ROUGE-L"],
      words: ["set", "setting"],
      rows: summaries.filter { $0.set != "all" }.map { row in
        [
          row.set, row.setting, "\(row.answers)", row.relativeBytes.rounded(to: 3),
          row.timeRatio.rounded(to: 3), row.agreement.percent(2),
          Self.range(row.agreementInterval.map { 100 * $0 }, 1), row.rougeL.rounded(to: 3),
        ]
      })
    return (all.lines + [""] + sets.lines + ["", notes]).joined(separator: "\n")
  }

  private var notes: String {
    let named = settings.sorted { $0.key < $1.key }.filter { $0.key != $0.value }
      .map { "\($0.key): \($0.value)" }
    return """
      \(model)\(adapter.map { " with \($0)" } ?? ""), \(cpuInfo), \(nThreads) threads, \(simd); greedy, \
      at most \(tokenLimit) tokens an answer, \(rounds) rounds, \(prompts). \
      \(named.joined(separator: "; ")).

      Bytes are weights read a token relative to full depth's in the same run, counted: blocks, heads, \
      probes and fill. Time × is full depth's time a token over the setting's, of each the faster \
      round; all take turns on every prompt. Agreement is the share of tokens that full depth, reading the answer again, would have \
      chosen in their place. ROUGE-L is F against full depth's answer, NLL a token's −ln p at full \
      depth. Intervals are those of resampled prompts. An answer's first token comes out of the \
      prompt's own pass and is not counted. With guesses, a pass verifies several tokens behind one \
      another; they change no token, and whoever guesses has seen the earlier prompts only.

      LITE (arXiv 2310.18581) reports 37.86 % of inference compute saved on these four sets for LLaMA-2 \
      7B and 46.35 % for 13B: models 50 and 100 times larger, whose head is 2 % of their compute \
      instead of a fifth.
      """
  }

  private static func range(_ interval: [Double], _ digits: Int) -> String {
    interval.map { $0.rounded(to: digits) }.joined(separator: " … ")
  }

  /// One line an answer.
  package var csv: String {
    CSV.text(
      header: [
        "set", "prompt", "setting", "prompt_n", "predicted_n", "dense_n", "blocks", "block_bytes",
        "head_bytes", "probe_bytes", "fill_bytes", "dense_bytes", "ms", "dense_ms", "agreeing",
        "decided_n", "rouge_l", "loss",
      ],
      rows: measurements.map { row in
        let counts = [
          row.promptN, row.predictedN, row.denseN, row.blocks, row.bytes.blocks, row.bytes.head,
          row.bytes.probes, row.bytes.fill, row.denseBytes,
        ]
        let times = [row.ms, row.denseMs].map { $0.reduce(0, +).rounded(to: 3) }
        return [row.set, "\(row.prompt)", row.setting] + counts.map { "\($0)" } + times + [
          "\(row.agreeing)", "\(row.decidedN)", row.rougeL.rounded(to: 4), row.loss.rounded(to: 3),
        ]
      }, quoted: ["setting"])
  }
}
