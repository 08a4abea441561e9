import ArgumentParser
import Corpus
import Dials
import Foundation
import Inference
import Pruning
import Reports
import Screen
import Tokenization

/// The text by which blocks are judged.
struct CalibrationOptions: ParsableArguments {
  @Option(
    name: .customLong("calibration"),
    help:
      "A text, or JSON Lines of chats, .xz and .gz too; several are mixed (default: the model writes one).",
    completion: .file())
  var files: [String] = []

  @Option(parsing: .unconditional, help: "How many sequences are drawn from it.")
  var sequences = 8

  @Option(parsing: .unconditional, help: "Tokens in a sequence.")
  var length = 512

  @Option(
    name: .shortAndLong, parsing: .unconditional,
    help: "The seed of the draw, of a text that the model writes, and of 'random'.")
  var seed: UInt64 = 42

  func validate() throws {
    guard (1...100_000).contains(sequences) else {
      throw ValidationError("--sequences must be between 1 and 100000.")
    }
    guard (2...8192).contains(length) else {
      throw ValidationError("--length must be between 2 and 8192.")
    }
  }

  /// The sample, from the files or from the model itself.
  func sample(
    model: LoadedModel, archive: PruningArchive, signals: StopSignals
  ) async throws -> CalibrationSample {
    let wanted = sequences * length
    var texts: [CalibrationText] = []
    for file in files {
      texts.append(
        try await CalibrationText(
          path: file, tokenizer: model.tokenizer, template: model.template, tokenLimit: wanted,
          seed: seed))
    }
    if texts.isEmpty { texts = [try selfWritten(wanted, model, archive, signals)] }
    return try CalibrationSample(texts: texts, count: sequences, length: length, seed: seed)
  }

  /// What the model wrote before, or writes now.
  private func selfWritten(
    _ wanted: Int, _ model: LoadedModel, _ archive: PruningArchive, _ signals: StopSignals
  ) throws -> CalibrationText {
    let line = ProgressLine()
    defer { line.clear() }
    let clock = TimeLeft()
    return try signals.stopping {
      try SelfWrittenArchive(model: model, archive: archive).text(of: wanted, seed: seed) {
        let left = clock.text(fraction: Double($0) / Double(wanted))
        line.draw("the model writes a text: \($0)/\(wanted) tokens  \(left)")
        return signals.received == nil
      }
    }
  }
}
