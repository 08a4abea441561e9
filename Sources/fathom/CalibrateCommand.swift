import ArgumentParser
import Dials
import Evaluation
import Events
import Foundation
import Inference
import Models
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

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var dataOptions: TuneDataOptions

  @Flag(help: "The data holds the model's own greedy answers, as 'tune answers' writes them.")
  var answered = false

  @Option(name: [.customShort("n"), .long], help: "The greatest length of an answer, in tokens.")
  var predict = 256

  @Option(help: "No more than this many prompts.")
  var limit: Int?

  @Option(help: "Blocks executed before each exit (default: the adapter's exits).")
  var exits: String?

  @Option(
    help:
      "The share of tokens that may differ from full depth's, for quality, balanced and saving; a single one is for balanced."
  )
  var risk = "0.02,0.05,0.1"

  @Option(help: "The probability with which a risk is below its limit.")
  var confidence = 0.95

  @Option(help: "What the bound takes as independent: tokens or answers.")
  var unit: ExitCalibration.Unit = .tokens

  @Option(help: "Keys and values of blocks that an exit left out: propagate or catch-up.")
  var fill: FillPolicy = .catchUp

  @Option(name: .shortAndLong, help: "Decides which answers choose and which test.")
  var seed: UInt64 = 0

  @Option(
    name: .shortAndLong,
    help: "The certificate that is written (default: beside the adapter, .certificate.json).")
  var output: String?

  @Option(help: "Also write every setting tried to this file.")
  var csv: String?

  @Option(help: "Also draw bytes against agreement in this file.")
  var svg: String?

  @Option(help: "What the data are, in words, for the certificate.")
  var dataNote: String?

  @Option(
    help: "Prompts whose answers are written to time settings of the path; 0: none are timed.")
  var timed = 8

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

  func run() async throws {
    try await reportingErrors {
      let base = try TuneBase(modelOptions)
      let model = try base.model.adapted(to: modelOptions.adapter)
      let depths = try depths(of: model)
      let certificate = output ?? model.exits.map { ExitCertificate.path(besideAdapter: $0.path) }
      guard let certificate else {
        throw ValidationError("Without an adapter, -o must say where the certificate goes.")
      }
      let rows = try await dataOptions.rows()
      try await cancelledBySignals {
        let texts = try answers(to: rows, base: base)
        let tracer = try trace(texts, depths: depths, model: model)
        let trace = tracer.trace
        let costs = ExitCosts(
          weights: model.weights, exits: model.exits, depths: depths, headBytes: tracer.headBytes)
        var report = CalibrationReport(
          calibration: ExitCalibration(
            trace, costs: costs, fill: fill, unit: unit,
            confidence: confidence, seed: seed), limits: limits,
          dense: costs.dense, blockCount: model.blockCount,
          confidence: confidence)
        if timed > 0 {
          report.times = try await times(
            of: report.timedSettings, depths: depths, texts: texts, model: model)
        }
        try write(
          report, trace: trace, base: base, model: model, to: certificate)
      }
    }
  }

  /// Those named, the adapter's, or the usual ones.
  private func depths(of model: LoadedModel) throws -> [Int] {
    guard let exits else {
      return model.exits.map { $0.modules.map(\.depth) }
        ?? ExitSetting.usualDepths(blockCount: model.blockCount)
    }
    let depths = exits.split(separator: ",").map { Int($0) ?? 0 }.sorted()
    guard !depths.isEmpty, depths.allSatisfy({ (1..<model.blockCount).contains($0) }),
      Set(depths).count == depths.count
    else {
      throw ValidationError(
        "--exits takes depths from 1 to \(model.blockCount - 1) with commas, such as 20,25.")
    }
    return depths
  }

  // MARK: - Texts

  /// One answer to each prompt: the data's, or the model's own, written now.
  private func answers(to rows: [DataRow], base: TuneBase) throws -> [AnswerText] {
    var seen: Set<[ChatMessage]> = []
    let distinct = rows.filter { !$0.prompt.isEmpty && seen.insert($0.prompt).inserted }
      .prefix(limit ?? .max)
    let texts = answered ? read(Array(distinct), base: base) : write(Array(distinct), base: base)
    try Task.checkCancellation()
    guard texts.count(where: { $0.answer.count > 1 }) >= 2 else {
      throw TrainingError(
        .emptyData, at: dataOptions.data.joined(separator: ", "),
        answered
          ? "there are no two answers in it. Answer its prompts with 'fathom tune answers'."
          : "there are no two prompts in it that leave room for an answer.")
    }
    return texts
  }

  private func read(_ rows: [DataRow], base: TuneBase) -> [AnswerText] {
    let builder = TextBuilder(
      tokenizer: base.model.tokenizer, template: base.model.template, length: dataOptions.length)
    return builder.texts(of: rows).compactMap { text in
      text.targets.last.map {
        AnswerText(prompt: Array(text.tokens[..<$0.lowerBound]), answer: Array(text.tokens[$0]))
      }
    }
  }

  private func write(_ rows: [DataRow], base: TuneBase) -> [AnswerText] {
    let model = base.model
    let prompts = rows.map {
      model.tokenizer.encode(chat: $0.prompt, template: model.template, addGenerationPrompt: true)
    }
    var texts: [AnswerText] = []
    let progress = ProgressLine()
    AnswerWriter(room: dataOptions.length, answerLength: predict, temperature: 0, seed: 0).answer(
      prompts, ends: model.tokenizer.endOfTurn, runtime: model.runtime
    ) { answer in
      texts.append(AnswerText(prompt: prompts[answer.index], answer: answer.tokens))
      progress.draw("answers", count: texts.count, of: prompts.count)
      return !Task.isCancelled
    }
    progress.finish()
    return texts
  }

  private func trace(
    _ texts: [AnswerText], depths: [Int], model: LoadedModel
  ) throws -> ExitTracer {
    let length = texts.map { $0.prompt.count + $0.answer.count }.max() ?? 1
    let tracer = ExitTracer(model.runtime, depths: depths, length: length)
    let progress = ProgressLine()
    for (index, text) in texts.enumerated() {
      tracer.read(text)
      progress.draw("reading", count: index + 1, of: texts.count)
      try Task.checkCancellation()
    }
    progress.finish()
    return tracer
  }

  /// How fast answers come under each setting, relative to full depth.
  private func times(
    of settings: [ExitThresholds], depths: [Int], texts: [AnswerText], model: LoadedModel
  ) async throws -> [ExitThresholds: Double] {
    let clock = SettingClock(
      model: model, settings: settings.map { $0.dials(depths: depths, fill: fill) })
    let progress = ProgressLine()
    let prompts = texts.map(\.prompt).spread(timed)
    for (number, prompt) in prompts.enumerated() {
      await clock.answer(prompt, number: number)
      progress.draw("timing", count: number + 1, of: prompts.count)
      try Task.checkCancellation()
    }
    progress.finish()
    return Dictionary(uniqueKeysWithValues: zip(settings, clock.ratios))
  }

  // MARK: - What comes out

  private func write(
    _ report: CalibrationReport, trace: ExitTrace, base: TuneBase, model: LoadedModel,
    to path: String
  ) throws {
    let followed = Double(trace.followed) / Double(max(1, trace.count))
    let certificate = ExitCertificate(
      model: .init(name: model.card.file, sha256: base.fingerprint),
      adapter: model.exits.map {
        .init(
          name: URL(filePath: $0.path).lastPathComponent,
          sha256: FileDigest.hexadecimal(ofFile: $0.path) ?? "")
      },
      sampler: SessionRecord.Sampler().certified,
      data: zip(dataOptions.data, try dataOptions.digests()).map {
        .init(name: URL(filePath: $0).lastPathComponent, sha256: $1)
      },
      dataNote: dataNote,
      test: report.test(followed: followed, unit: unit, seed: seed),
      presets: report.presets(fill: fill))
    try OutputFile.write(certificate.json(), to: path)
    if let csv { try OutputFile.write(report.csv, to: csv) }
    if let svg { try OutputFile.write(report.svg, to: svg) }
    printError(
      "fathom: \(trace.texts.count.grouped) answers, \(trace.count.grouped) tokens, of which "
        + "\((100 * followed).rounded(to: 1)) % are the model's own most probable ones")
    if followed < 0.9 {
      printError(
        "fathom: these are not the model's greedy answers; the bound is for such text only")
    }
    for line in report.lines { print(line) }
    print("\(path.visible)")
  }
}

extension ExitCalibration.Unit: ExpressibleByArgument {}
