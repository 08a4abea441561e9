package import GGUF
import Kernels
package import Transformer

extension LiteTrainer {
  /// The adapter as it stands: llama.cpp's LoRA, and the exits with the base's final norm.
  package func adapter(_ head: AdapterHead, type: TensorType) -> GGUFWriter {
    var head = head
    head.form = .lora
    head.alpha = Double(settings.alpha)
    head.exits = settings.exits.map { AdapterHead.Exit(depth: $0, kind: "none") }
    head.recipe.steps = step
    head.recipe.positions = step * settings.batch * settings.positions
    head.recipe.seed = settings.seed
    var writer = GGUFWriter()
    for (key, value) in head.metadata { writer.set(key, to: value) }
    for entry in parameters.entries {
      writer.add(
        entry.name, rows: entry.rows, parameters.values(of: entry).values, as: type)
    }
    for depth in settings.exits {
      writer.add("exit.\(depth).output_norm.weight", rows: 1, trunk.head.norm, as: .f32)
    }
    return writer
  }

  /// The base in `file` with its projections as they were trained, in the given type; what was not
  /// trained stays as it is stored. `head` says how it was made.
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
        writer.add(entry.name, rows: entry.rows, parameters.values(of: entry).values, as: type)
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
    try Checkpoint.write(parameters, step: step, recipe: recipe, to: path)
  }

  /// Goes on from a checkpoint of the same settings.
  package func resume(from checkpoint: Checkpoint) throws(TrainingError) {
    step = try checkpoint.resume(parameters, recipe: recipe)
  }

  /// What decides every number of the training.
  private var recipe: String {
    let exits = zip(settings.exits, settings.exitWeights).map { "\($0):\($1)" }
    let form = settings.isFull ? "full" : "rank \(settings.rank) alpha \(settings.alpha)"
    return "lite \(exits.joined(separator: ",")) last \(settings.lastWeight) guard "
      + "\(settings.guardWeight)\(settings.rotates ? " rotating" : ""), \(form), \(settings.steps) steps of \(settings.batch) x \(settings.positions) of "
      + "\(settings.length), rate \(settings.rate), seed \(settings.seed), texts \(texts.fingerprint)"
  }
}

extension LiteTrainer {
  /// How held-out texts fare with the changes as they stand: the mean cross-entropy at each exit and at
  /// the last layer, in nats, over up to `limit` of the texts.
  package func evaluate(
    _ heldOut: [TrainingText], limit: Int = LiteTraining.heldOutLimit
  ) -> (exits: [Double], last: Double) {
    let survey = LiteSurvey(
      self, texts: Array(heldOut.filter { $0.tokens.count <= settings.length }.prefix(limit)))
    crew.run(survey)
    return survey.means
  }

  /// The logits after all blocks for every position of a text, with the changes as they stand, row
  /// after row.
  package func logits(of text: TrainingText) -> [Float] {
    let space = spaces[0]
    let changes = TrunkChanges(
      parameters: parameters, factor: settings.alpha / Float(settings.rank), lane: 0)
    trunk.forward(blas, [text.tokens], changes: changes, space: space.trunk)
    var result: [Float] = []
    for row in text.tokens.indices {
      let stream = space.trunk.stream.rows(row..<row + 1)
      let (normed, z) = (space.normed.prefix(1), space.logits.prefix(1))
      RMSNorm.forward(
        stream, gain: trunk.head.gain, epsilon: trunk.head.epsilon, into: normed,
        scales: space.scales)
      blas.multiply(normed, byTransposed: trunk.head.matrix, into: z)
      result += z.values
    }
    return result
  }
}
