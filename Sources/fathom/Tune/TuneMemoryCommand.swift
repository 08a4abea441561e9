import ArgumentParser
import Chat
import Dials
import Evaluation
import Files
import Foundation
import Inference
import Reports
import Screen
import Techniques
import Training

/// `fathom tune memory`: what a model's drafters know before they have seen anything.
struct TuneMemoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memory",
    abstract: "Make the tables that drafters begin with, of text that the model wrote.",
    discussion: """
      The model reads the texts; what it holds most probable after each token of an answer, and after \
      each two, becomes the tables of recycle and trigram. They change no text, only how fast the first \
      answers come. A file beside the program's own adapters, named after the model with the ending \
      .guesses, is used by itself. Use text that the model wrote (`tune answers`).
      """)

  @OptionGroup(title: "Model and machine") var modelOptions: ModelOptions
  @OptionGroup(title: "Data") var dataOptions: TuneDataOptions

  @Option(
    name: .shortAndLong, help: "The file to write.", completion: .file(extensions: ["guesses"]))
  var output: String

  @Flag(help: "Replace the file if it is there already.")
  var force = false

  @Option(parsing: .unconditional, help: "No more than this many tokens of answers.")
  var limit: Int?

  func validate() throws {
    guard limit.map({ $0 > 0 }) ?? true else {
      throw ValidationError("--limit must be 1 or more.")
    }
  }

  func run() async throws {
    try await reportingErrors {
      let file = OutputFile(
        output, inputs: try modelOptions.inputs() + dataOptions.data, replaces: force)
      try file.check()
      let base = try TuneBase(modelOptions)
      let rows = try await dataOptions.read().rows
      let texts = base.builder(length: dataOptions.length, heldOutShare: dataOptions.heldOut)
        .texts(of: rows).filter { !$0.isHeldOut && $0.targetCount > 0 }
      guard !texts.isEmpty else {
        throw TrainingError(
          .emptyData, at: dataOptions.data.joined(separator: ", "),
          "there is no answer to learn from. Answer prompts with 'fathom tune answers' first.")
      }
      let tables = try await cancelledBySignals { try read(texts, base: base) }
      let memory = DraftMemory(model: base.fingerprint, tables: tables)
      try file.write(Data(memory.bytes))
      try say("\(output.visible): \(memory.bytes.count.megabytes)")
    }
  }

  private func read(_ texts: [TrainingText], base: TuneBase) throws -> [String: [UInt8]] {
    var tables = GuessTables(base.model.runtime, length: dataOptions.length)
    let all = min(limit ?? .max, texts.reduce(0) { $0 + $1.targetCount })
    let progress = ProgressLine()
    for text in texts where tables.count < all {
      try Task.checkCancellation()
      let positions = text.targets.flatMap { $0.map { $0 - 1 } }
      tables.read(text.tokens, positions: Array(positions.prefix(all - tables.count)))
      progress.draw("tokens", count: tables.count, of: all)
    }
    progress.finish()
    return tables.tables
  }
}
