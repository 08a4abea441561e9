import Dials
import Files
import Foundation
import GGUF
import Transformer

/// The state of a training on disk: a GGUF file that is replaced as a whole.
package struct Checkpoint {
  /// Steps taken.
  package let step: Int
  /// What the run said about itself when it was written.
  package let recipe: String
  private let file: GGUFFile

  /// Reads the checkpoint at `path`; nil when there is none.
  package init?(path: String) throws(TrainingError) {
    do {
      file = try GGUFFile(path: path)
    } catch  where error.code == .missingFile {
      return nil
    } catch {
      throw TrainingError(
        .wrongCheckpoint, at: path, "this checkpoint cannot be read. Remove it to begin again.")
    }
    guard let step = file.metadata["fathom.checkpoint.step"]?.int, NumberCheck.count.contains(step),
      let recipe = file.metadata["fathom.checkpoint.recipe"]?.string
    else {
      throw TrainingError(
        .wrongCheckpoint, at: path, "this is no checkpoint. Remove it to begin again.")
    }
    self.step = step
    self.recipe = recipe
  }

  /// What the run noted under `name`, if it did.
  func note(_ name: String) -> String? { file.metadata["fathom.checkpoint.\(name)"]?.string }

  /// Writes the state of `parameters` after `step` steps, with notes under names of their own.
  package static func write(
    _ parameters: Parameters, step: Int, recipe: String, notes: [String: String] = [:],
    to path: String
  ) throws(TrainingError) {
    var writer = GGUFWriter()
    writer.set("general.type", to: .string("checkpoint"))
    writer.set("fathom.checkpoint.step", to: .unsigned(UInt64(step)))
    writer.set("fathom.checkpoint.recipe", to: .string(recipe))
    for (name, note) in notes.sorted(by: { $0.key < $1.key }) {
      writer.set("fathom.checkpoint.\(name)", to: .string(note))
    }
    for entry in parameters.entries {
      for (suffix, memory) in parts(of: parameters) {
        let values = Matrix(1, entry.count, at: memory.base + entry.offset).values
        writer.add(
          name: entry.name + suffix, shape: [entry.count], type: .f32,
          bytes: TensorType.f32.quantize(values) ?? [])
      }
    }
    do { try writer.write(to: OutputFile(path, replaces: true)) } catch {
      throw TrainingError(error)
    }
  }

  /// Removes checkpoints that are not needed any more.
  static func remove(_ paths: [String]) {
    for path in paths { try? FileManager.default.removeItem(atPath: path) }
  }

  /// Gives `parameters` this state.
  package func restore(_ parameters: Parameters) throws(TrainingError) {
    for entry in parameters.entries {
      for (suffix, memory) in Self.parts(of: parameters) {
        guard let tensor = file.tensor(named: entry.name + suffix), tensor.type == .f32,
          tensor.elementCount == entry.count
        else {
          throw TrainingError(
            .wrongCheckpoint, at: entry.name + suffix,
            "the checkpoint is of another training. Remove it to begin again.")
        }
        (memory.base + entry.offset).update(from: file.dequantize(tensor), count: entry.count)
      }
    }
  }

  /// Gives `parameters` their state back and returns the step, if this is a checkpoint of `recipe`.
  func resume(_ parameters: Parameters, recipe: String) throws(TrainingError) -> Int {
    guard self.recipe == recipe else {
      throw TrainingError(
        .wrongCheckpoint, at: "checkpoint",
        "it is of another training (\(self.recipe)). Give the same settings, or remove it to "
          + "begin again.")
    }
    try restore(parameters)
    return step
  }

  private static func parts(of parameters: Parameters) -> [(String, Matrix)] {
    [
      ("", parameters.values), (".first", parameters.firstMoments),
      (".second", parameters.secondMoments),
    ]
  }
}

extension ExitTrainer {
  /// Writes the state to `path`.
  package func save(to path: String) throws(TrainingError) {
    try Checkpoint.write(parameters, step: step, recipe: recipe, to: path)
  }

  /// Goes on from a checkpoint of the same settings.
  package func resume(from checkpoint: Checkpoint) throws(TrainingError) {
    step = try checkpoint.resume(parameters, recipe: recipe)
  }

  /// What decides every number of the training.
  private var recipe: String {
    let modules = settings.modules.map { "\($0.depth):\($0.kind)" }.joined(separator: ",")
    return "exits \(modules) of \(cache.description.base.prefix(12)), \(settings.steps) steps of "
      + "\(settings.shardsPerStep) x \(settings.shardRows), \(settings.draws) draws, "
      + "rate \(settings.rate), seed \(settings.seed), texts \(cache.description.texts), "
      + "\(shortlist.count) frequent"
  }
}
