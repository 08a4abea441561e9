import ArgumentParser
import Foundation
import GGUF
import Models
import Training
import Transformer

/// What differs between the trainers in the options that they share.
protocol TuneDefaults: Sendable {
  static var steps: Int { get }
  /// The fewest steps that make sense.
  static var leastSteps: Int { get }
  static var rate: Float { get }
  /// The name of the file that is written.
  static var output: String { get }
}

extension TuneDefaults {
  static var leastSteps: Int { 1 }
}

/// How a training runs and what becomes of it, whatever is trained.
struct TuneOptions<Defaults: TuneDefaults>: ParsableArguments {
  @Option(help: "Optimiser steps.")
  var steps = Defaults.steps

  @Option(help: "The greatest learning rate.")
  var rate = Defaults.rate

  @Option(
    name: .shortAndLong, parsing: .unconditional, help: "Decides first values, order and draws.")
  var seed: UInt64 = 0

  @Option(
    help: "The folder of cache and checkpoint (default: in the state folder).",
    completion: .directory)
  var work: String?

  @Option(
    name: .shortAndLong, help: "The file that is written.", completion: .file(extensions: ["gguf"]))
  var output = Defaults.output

  @Option(help: "Its licence, as an SPDX expression.")
  var license = ""

  @Option(help: "The data's licence in words.")
  var dataNote = ""

  @OptionGroup var outputs: OutputOptions

  @Flag(help: "Say what it would take, and stop.")
  var estimate = false

  @Flag(help: "No plots, a line now and then.")
  var plain = false

  func validate() throws {
    guard (Defaults.leastSteps...10_000_000).contains(steps), rate > 0, rate < 1 else {
      throw ValidationError(
        "--steps must be between \(Defaults.leastSteps) and 10000000, and --rate between 0 and 1.")
    }
  }

  /// Says on the error output what there is to learn from and, where it can be said, what it will take.
  func say(_ plan: [String], estimate: () throws -> String) {
    for line in plan { printError("fathom: \(line)") }
    if let words = try? estimate() { printError("fathom: \(words)") }
  }

  /// The folder of cache and checkpoint, which is made where there is none.
  func folder() throws -> String {
    let folder = work ?? Places().tuneFolder
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw TrainingError(
        .cannotWrite, at: folder, "this folder cannot be made. Name another with --work.")
    }
    return folder
  }

  /// The file that is written, with the data that it was made of.
  func output(
    of data: TuneData, from inputs: [String], type: String, name: String? = nil
  ) throws -> TuneOutput {
    var recipe = AdapterHead.Recipe()
    recipe.command = CommandLineText.value
    recipe.files = data.files.map(\.name)
    recipe.digests = data.files.map(\.sha256)
    recipe.note = dataNote
    return TuneOutput(
      file: outputs.file(output, from: inputs), type: try TensorType.stored(as: type), name: name,
      license: license,
      recipe: recipe)
  }
}

extension TensorType {
  /// The type that `--type` names.
  static func stored(as name: String) throws -> TensorType {
    guard let type = [f16, q8_0, q4_1, f32].first(where: { $0.name == name.uppercased() }) else {
      throw ValidationError("--type must be f16, q8_0, q4_1 or f32.")
    }
    return type
  }
}
