import ArgumentParser
import Chat
import Corpus
import Dials
import Evaluation
import Events
import Foundation
import Inference
import Kernels
import Reports
import Screen
import Techniques
import Tokenization
import Transformer

/// `fathom eval`: how well the model predicts a text, in the words of llama-perplexity.
struct EvalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Measure perplexity on a text, and what the dials do to it.",
    discussion: """
      As llama-perplexity: the text is cut into windows of -c tokens (512 unless said otherwise), and \
      the second half of each is scored. When a dial is turned, the plain model is read beside it: \
      mean KL divergence and the share of equal first choices say how far the two are apart. Options \
      of sampling do not matter here. Last, the settings take turns in writing on from the first \
      window, one token a pass: tokens per second, the median of three turns.

      With --by-position the text is one: how well it is predicted from bucket to bucket with a window \
      (--window, --sinks, --reach), beside it the same tokens read afresh, full attention, and a window \
      alone.
      """)

  @OptionGroup(title: "Model and machine") var modelOptions: ModelOptions
  @OptionGroup var options: AnswerOptions
  @OptionGroup(title: "Position by position") var positions: PositionOptions
  @OptionGroup var outputs: OutputOptions

  @Option(name: .shortAndLong, help: "The text (default: the standard input).", completion: .file())
  var file: String?

  @Option(
    parsing: .unconditional, help: "Read at most this many windows, or buckets (default: all).")
  var chunks: Int?

  @Option(name: [.short, .long], help: "table, csv or json.")
  var output: ReportFormat = .table

  func validate() throws {
    guard chunks ?? 1 > 0 else { throw ValidationError("--chunks must be 1 or more.") }
  }

  func run() async throws {
    try await reportingErrors {
      let inputs = try modelOptions.inputs() + [file].compactMap { $0 }
      try outputs.check(reports: [positions.svg], from: inputs)
      let text = try InputFile.text(file)
      let model = try options.pruning.repaired(modelOptions.load(isRaw: true))
      let settings = try options.settings(for: model)
      let dials = try settings.dials(for: model)
      if positions.byPosition {
        guard dials == DialSettings(draft: dials.draft, fill: dials.fill, reach: dials.reach) else {
          throw ValidationError("--by-position reads with every block: no exits, nothing pruned.")
        }
        let reach = settings.reach ?? .beyond(model.card.ctxTrain)
        guard reach.isLimited else {
          throw ValidationError("--by-position compares a window with full attention; name one.")
        }
        return try positions.report(
          on: text, model: model, reach: reach, buckets: chunks, as: output, into: outputs,
          from: inputs)
      }
      guard dials.shortHead == nil else {
        throw ValidationError("A short head knows a part of the vocabulary only: no perplexity.")
      }
      if dials != .plain, dials.contract == .identical {
        printError(
          "These settings are identical: the text, and its perplexity, are the plain model's.")
      }
      let windows = try TextWindows(
        model.tokenizer.encode(text, addSpecial: true), length: modelOptions.contextSize ?? 512,
        limit: chunks, bos: model.tokenizer.addsBOS ? model.tokenizer.bos : nil)
      let evaluation = TextEvaluation(
        of: model.runtime, on: windows,
        settings: dials.contract == .identical ? [] : [dials.withoutDrafts])
      let signals = StopSignals {}
      defer { signals.cancel() }
      let line = ProgressLine()
      let clock = TimeLeft()
      let scores = evaluation.run { scores in
        let running = scores.map { $0.perplexity.rounded(to: 4) }.joined(separator: " -> ")
        let done = scores.first?.windowCount ?? 0
        let left = clock.text(fraction: Double(done) / Double(windows.count))
        line.draw("window \(done)/\(windows.count)  PPL \(running)  \(left)")
        return signals.received == nil
      }
      line.finish()
      let speed = WritingSpeed(
        model: model, prompt: Array(windows[0].prefix(windows.scored.lowerBound)))
      let writing = await speed.measure(scores.map(\.dials)) { signals.received == nil }
      let report = EvalReport(
        version: Fathom.release, model: model, file: file, windows: windows, scores: scores,
        writing: writing)
      try report.say(as: output)
      if let number = signals.received { throw ExitCode(128 + number) }
    }
  }
}
