import ArgumentParser
import Chat
import Corpus
import Dials
import Evaluation
import Events
import Files
import Foundation
import Inference
import Models
import Reports
import Screen
import Techniques
import Tokenization
import Training
import Transformer

/// `fathom calibrate`: thresholds for exits, with a bound on how often they are wrong.
struct CalibrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Find thresholds for an adapter's exits, with a bound on how often they are wrong.",
    discussion: """
      The model answers the prompts of the data, and its answers are read once more with a look \
      through every exit. A third of them chooses a path of settings, the others test it \
      (Learn then Test). The presets that come out lie in a certificate beside the adapter; \
      --preset uses them. docs/CALIBRATION.md says what the bound means.
      """)

  @OptionGroup(title: "Model and machine") var modelOptions: ModelOptions
  @OptionGroup(title: "Data") var dataOptions: TuneDataOptions

  @Flag(
    help: ArgumentHelp(
      "Instead of exits: how few feed-forwards may be big. --risk takes one number (default 0.05), and "
        + "--output is the budget's certificate."))
  var budget = false

  @Flag(help: "The data holds the model's own greedy answers, as 'tune answers' writes them.")
  var answered = false

  @Option(
    name: [.customShort("n"), .long], parsing: .unconditional,
    help: "The greatest length of an answer, in tokens.")
  var predict = 256

  @Option(parsing: .unconditional, help: "No more than this many prompts.")
  var limit: Int?

  @Option(help: "Blocks executed before each exit (default: the adapter's exits).")
  var exits: String?

  @Option(
    parsing: .unconditional,
    help:
      "The share of tokens that may differ from full depth's, for quality, balanced and saving; a single one is for balanced."
  )
  var risk = "0.02,0.05,0.1"

  @Option(parsing: .unconditional, help: "The probability with which a risk is below its limit.")
  var confidence = 0.95

  @Option(help: "What the bound takes as independent: tokens or answers.")
  var unit: ExitCalibration.Unit = .tokens

  @Option(help: "Keys and values of blocks that an exit left out: propagate or catch-up.")
  var fill: FillPolicy = .catchUp

  @Option(
    name: .shortAndLong, parsing: .unconditional,
    help: "Decides which answers choose and which test.")
  var seed: UInt64 = 0

  @Option(
    name: .shortAndLong,
    help: "The certificate that is written (default: beside the adapter, .certificate.json).",
    completion: .file(extensions: ["json"]))
  var output: String?

  @Option(
    help: "Also write every setting tried to this file.", completion: .file(extensions: ["csv"]))
  var csv: String?

  @Option(
    help: "Also draw bytes against agreement in this file.", completion: .file(extensions: ["svg"]))
  var svg: String?

  @Option(help: "What the data are, in words, for the certificate.")
  var dataNote: String?

  @Option(
    parsing: .unconditional,
    help: "Prompts whose answers are written to time settings of the path; 0: none are timed.")
  var timed = 8

  @OptionGroup var outputs: OutputOptions

  func validate() throws {
    guard timed >= 0 else { throw ValidationError("--timed must be 0 or more.") }
    guard !limits.isEmpty else {
      throw ValidationError("--risk takes one number between 0 and 1, or three with commas.")
    }
    guard confidence > 0, confidence < 1 else {
      throw ValidationError("--confidence must be between 0 and 1.")
    }
    guard answered || (1..<dataOptions.length).contains(predict) else {
      throw ValidationError("--predict must be less than --length.")
    }
    guard limit ?? 1 > 0 else { throw ValidationError("--limit must be 1 or more.") }
  }

  /// The presets with their limits; empty where they make no sense.
  private var limits: [(preset: Preset, limit: Double)] {
    let values = risk.split(separator: ",").map { Double($0.trimmingCharacters(in: .whitespaces)) }
    let limits = values.compactMap { $0 }.filter { $0 > 0 && $0 < 1 }
    guard limits.count == values.count else { return [] }
    switch limits.count {
    case 1: return [(.balanced, limits[0])]
    case 3: return Array(zip([.quality, .balanced, .saving], limits.sorted()))
    default: return []
    }
  }

  /// The share of tokens that may differ under a budget: the one that was named, or 5 %.
  var budgetLimit: Double { limits.count == 1 ? limits[0].limit : 0.05 }

  func run() async throws {
    if budget { return try await reportingErrors { try await calibrateBudget() } }
    try await reportingErrors {
      let base = try TuneBase(modelOptions)
      let model = try base.model.adapted(as: modelOptions)
      let depths = try depths(of: model)
      let certificate = output ?? model.exits.map { ExitCertificate.path(besideAdapter: $0.path) }
      guard let certificate else {
        throw ValidationError("Without an adapter, -o must say where the certificate goes.")
      }
      let inputs = try modelOptions.inputs() + model.files + dataOptions.data
      try outputs.check(certificate, reports: [csv, svg], from: inputs)
      let data = try await dataOptions.read()
      let job = CalibrationJob(
        depths: depths, goals: limits.map { ($0.preset.rawValue, $0.limit) },
        confidence: confidence, unit: unit, fill: fill, seed: seed, timed: timed)
      let result = try await cancelledBySignals {
        let texts = try answers(to: data.rows, base: base)
        let progress = ProgressLine()
        return try await job.run(texts, model: model) { event in
          switch event {
          case .reading(let done, let all): progress.draw("reading", count: done, of: all)
          case .timing(let done, let all): progress.draw("timing", count: done, of: all)
          case .ended: progress.finish()
          }
        }
      }
      try write(result, base: base, model: model, data: data, to: certificate, from: inputs)
    }
  }

  /// Those named, the adapter's, or the usual ones.
  private func depths(of model: LoadedModel) throws -> [Int] {
    guard let exits else {
      return model.exits.map { $0.modules.map(\.depth) }
        ?? ExitSetting.usualDepths(blockCount: model.blockCount)
    }
    return try NumberList.depths(exits, blockCount: model.blockCount).sorted()
  }

  /// One answer to each prompt: the data's, or the model's own, written now.
  func answers(to rows: [DataRow], base: TuneBase) throws -> [AnswerText] {
    let distinct = Array(rows.withDistinctPrompts.prefix(limit ?? .max))
    let own = OwnAnswers(of: base, length: dataOptions.length)
    let progress = ProgressLine()
    let pairs =
      answered
      ? own.read(distinct)
      : own.write(to: distinct.map(\.prompt), answerLength: predict) {
        progress.draw("answers", count: $0, of: distinct.count)
      }
    progress.finish()
    try Task.checkCancellation()
    guard pairs.count(where: { $0.answer.count > 1 }) >= 2 else {
      throw TrainingError(
        .emptyData, at: dataOptions.data.joined(separator: ", "),
        answered
          ? "there are no two answers in it. Answer its prompts with 'fathom tune answers'."
          : "there are no two prompts in it that leave room for an answer.")
    }
    return pairs.map { AnswerText(prompt: $0.prompt, answer: $0.answer) }
  }

  /// Writes the certificate and what else was asked for, and prints the presets.
  private func write(
    _ result: Calibration, base: TuneBase, model: LoadedModel, data: TuneData, to path: String,
    from inputs: [String]
  ) throws {
    let certificate = ExitCertificate(
      model: .init(name: model.card.file, sha256: base.fingerprint),
      adapter: model.exits.map {
        .init(
          name: URL(filePath: $0.path).lastPathComponent,
          sha256: FileDigest.hexadecimal(ofFile: $0.path) ?? "")
      },
      sampler: SessionRecord.Sampler().certified,
      data: data.files.map { .init(name: $0.name, sha256: $0.sha256) },
      dataNote: dataNote, test: result.test, presets: result.presets)
    let report = CalibrationReport(result)
    try outputs.file(path, from: inputs).write(certificate.json())
    try outputs.write(report.csv, to: csv, from: inputs)
    try outputs.write(report.svg, to: svg, from: inputs)
    printError(
      "fathom: \(result.answerCount.grouped) answers, \(result.tokenCount.grouped) tokens, of which "
        + "\((100 * result.followed).rounded(to: 1)) % are the model's own most probable ones")
    if result.followed < 0.9 {
      printError(
        "fathom: these are not the model's greedy answers; the bound is for such text only")
    }
    for line in report.lines { try say(line) }
    try say("\(path.visible)")
  }
}

extension ExitCalibration.Unit: ExpressibleByArgument {}
