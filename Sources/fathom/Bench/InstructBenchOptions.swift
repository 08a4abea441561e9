import ArgumentParser
import Chat
import Corpus
import Dials
import Evaluation
import Events
import Foundation
import Inference
import Techniques
import Transformer

/// `fathom bench --instruct`: what early exits are worth on the instructions of LITE.
struct InstructBenchOptions: ParsableArguments {
  @Option(
    name: .customLong("instruct"),
    help: "Instead: answer LITE's four instruction sets in this folder at full depth and early.",
    completion: .directory)
  var path: String?

  @Option(
    help:
      "With --instruct: another setting, such as '\(InstructSetting.notation)'; several may be given."
  )
  var setting: [String] = []

  @Option(
    help: "With --instruct: the certificate with the presets (default: the adapter's).",
    completion: .file(extensions: ["json"]))
  var certificate: String?

  @Option(
    parsing: .unconditional,
    help: "With --instruct: how often each answer is written, for its time.")
  var rounds = 2

  @Flag(help: "With --instruct: nothing but the presets and each --setting.")
  var only = false

  @Flag(
    help: "With --instruct: compare with the model without its adapter, for one that changes it.")
  var againstBase = false

  func validate() throws {
    guard (1...100).contains(rounds) else {
      throw ValidationError("--rounds must be between 1 and 100.")
    }
  }

  /// Answers the prompts and returns the report; how far it is goes to the error output.
  func report(
    on path: String, options: ModelOptions, sample: Int?, tokenLimit: Int
  ) async throws -> InstructReport {
    let model = try options.load(isRaw: false)
    let benchmark = InstructBenchmark(
      model: model, settings: try settings(model), tokenLimit: tokenLimit,
      rounds: rounds, contextLength: options.contextSize, isAgainstBase: againstBase)
    let prompts = try InstructSet.allCases.map { set in
      (set: set, prompts: try set.prompts(in: path, sample: sample))
    }
    let count = prompts.reduce(0) { $0 + $1.prompts.count }
    let measurements = await benchmark.run(prompts) { done in
      if done % 10 == 0 || done == count { printError("fathom: \(done) of \(count) prompts") }
    }
    return InstructReport(
      measurements, benchmark: benchmark,
      prompts: sample.map { "\(count) prompts, \($0) of each set" } ?? "all \(count) prompts")
  }

  /// The presets, those given, and what they are to be compared with.
  private func settings(_ model: LoadedModel) throws -> [InstructSetting] {
    let count = model.blockCount
    var settings: [InstructSetting] = []
    if let found = try PresetSource(certificate: certificate, adapter: model.exits?.path) {
      for preset in Preset.allCases {
        guard let setting = found.certificate.presets[preset.rawValue] else { continue }
        var dials = try setting.dials(blockCount: count)
        dials.draft = .auto
        settings.append(InstructSetting(name: preset.rawValue, dials: dials))
      }
    }
    settings += try setting.map { text throws(DialError) in
      try InstructSetting(text, blockCount: count, exits: model.adapter?.exits ?? [])
    }
    for index in settings.indices {
      try model.check(settings[index].dials)
      settings[index].dials.budget = model.resolved(settings[index].dials.budget)
    }
    guard !settings.isEmpty else {
      throw ValidationError(
        "There is no certificate with presets: give one with --certificate, or a --setting.")
    }
    return only ? settings : InstructSetting.comparisons(of: settings)
  }
}
