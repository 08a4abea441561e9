package import GGUF
import Kernels
package import Transformer

extension LiteTrainer {
  /// The adapter as it stands: llama.cpp's LoRA, and the exits with the base's final norm.
  package func adapter(_ head: AdapterHead, type: TensorType) -> GGUFWriter {
    var head = head
    head.form = .lora
    head.alpha = Double(settings.alpha)
    head.exits = settings.exits.map { AdapterHead.Exit(depth: $0, kind: ExitShape.Kind.none.name) }
    head.recipe.steps = step
    head.recipe.positions = step * settings.batch * settings.positions
    head.recipe.seed = settings.seed
    head.recipe.noise = settings.noise?.description ?? ""
    var writer = GGUFWriter()
    for (key, value) in head.metadata { writer.set(key, to: value) }
    for entry in parameters.entries {
      writer.add(entry.name, matrix: parameters.values(of: entry), as: type)
    }
    for depth in settings.exits {
      let name = ExitShape(depth: depth, kind: .none).name(.outputNorm)
      writer.add(name, vector: base.head.norm)
    }
    return writer
  }

  /// The base in `file` with its trained projections, stored as `type`, and all other tensors as they
  /// are. `head` says how it was made.
  package func model(over file: GGUFFile, _ head: AdapterHead, type: TensorType) -> GGUFWriter {
    var writer = GGUFWriter()
    var metadata = file.metadata
    metadata["general.alignment"] = nil  // the writer has its own
    metadata["general.name"] = .string(head.name)
    metadata["general.base_model.count"] = .unsigned(1)
    metadata["general.base_model.0.name"] = .string(head.base.name)
    metadata["fathom.base.sha256"] = .string(head.base.sha256)
    metadata["fathom.recipe"] = .string(head.recipe.command)
    metadata["fathom.recipe.steps"] = .unsigned(UInt64(step))
    metadata["fathom.recipe.seed"] = .unsigned(settings.seed)
    if let noise = settings.noise { metadata["fathom.recipe.noise"] = .string(noise.description) }
    metadata["fathom.data.note"] = .string(head.recipe.note)
    if !head.license.isEmpty { metadata["general.license"] = .string(head.license) }
    // Some programs read the architecture before all else.
    let first = "general.architecture"
    func rank(_ key: String) -> (Int, String) { (key == first ? 0 : 1, key) }
    for (key, value) in metadata.sorted(by: { rank($0.key) < rank($1.key) }) {
      writer.set(key, to: value)
    }
    for tensor in file.tensors {
      if let entry = parameters.entry(tensor.name) {
        writer.add(entry.name, matrix: parameters.values(of: entry), as: type)
      } else {
        writer.add(
          name: tensor.name, shape: tensor.shape, type: tensor.type,
          bytes: file.withBytes(of: tensor) { Array($0) })
      }
    }
    return writer
  }

  /// Writes the state to `path`.
  package func save(to path: String) throws(TrainingError) {
    var notes = [Note.setbacks: "\(setbacks)"]
    if let before { notes[Note.before] = before.description }
    try Checkpoint.write(parameters, step: step, recipe: recipe, notes: notes, to: path)
  }

  /// Goes on from a checkpoint of the same settings; throws for one of others.
  package func resume(from checkpoint: Checkpoint) throws(TrainingError) {
    step = try checkpoint.resume(parameters, recipe: recipe)
    before = checkpoint.note(Note.before).flatMap { LiteMeasure($0) }
    setbacks = checkpoint.note(Note.setbacks).flatMap { Int($0) } ?? 0
  }

  /// What a checkpoint notes beside the parameters.
  private enum Note {
    static let before = "before"
    static let setbacks = "setbacks"
  }

  /// Everything that decides the training's numbers: a checkpoint of another recipe is refused.
  var recipe: String {
    let exits = zip(settings.exits, settings.exitWeights).map { "\($0):\($1)" }
    let form = settings.isFull ? "full" : "rank \(settings.rank) alpha \(settings.alpha)"
    var extras = settings.noise.map { ", noise \($0)" } ?? ""
    if let clean = settings.clean {
      extras += ", clean loss within \(clean.limit) each \(clean.interval) steps"
    }
    return "lite \(exits.joined(separator: ",")) last \(settings.lastWeight) guard "
      + "\(settings.guardWeight)\(settings.rotates ? " rotating" : ""), \(form), \(settings.steps) steps of \(settings.batch) x \(settings.positions) of "
      + "\(settings.length), rate \(settings.rate), seed \(settings.seed), texts \(texts.fingerprint)\(extras)"
  }
}
