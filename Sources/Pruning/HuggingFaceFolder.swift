package import Files
import Foundation
import GGUF
import Transformer

/// A model without some of its blocks as a folder in the layout of Hugging Face: what transformers and
/// vLLM load.
///
/// The numbers are the file's own, dequantised. Rows of queries and keys are put back from GGUF's order
/// (RoPE pairs side by side) into halves where the family's files have them so.
package struct HuggingFaceFolder {
  private let pruned: PrunedFile
  private let blueprint: Blueprint
  private let type: SafetensorsFile.NumberType

  /// A folder for `pruned`, its numbers as `type`.
  package init(
    _ pruned: PrunedFile, type: SafetensorsFile.NumberType = .float16
  ) throws(PruningError) {
    self.pruned = pruned
    self.type = type
    do {
      blueprint = try Blueprint(metadata: pruned.file.metadata)
    } catch {
      throw PruningError(.unsupported, place: error.place, error.message)
    }
    let family = blueprint.architecture
    guard Self.families.contains(family) else {
      throw PruningError(
        .unsupported, place: "general.architecture",
        "folders for transformers are written for the families "
          + Self.families.map(\.name).joined(separator: ", ")
          + ", and this model is of \(family.name). Export a GGUF.")
    }
    let rotation = blueprint.rotations[0]
    guard pruned.file.tensor(named: "rope_freqs.weight") == nil, rotation.yarnLength == nil,
      rotation.magnitude == 1
    else {
      throw PruningError(
        .unsupported, place: "rope_freqs.weight",
        "the file stretches RoPE in a way that config.json cannot express. Export a GGUF.")
    }
  }

  /// The families whose config.json is known here.
  private static let families: [Architecture] = [.llama, .qwen2, .qwen3]

  /// Writes the files into the folder at `path`, which is made; returns what a person should know. Files of
  /// these names that are there already are replaced where `replaces` says so.
  package func write(to path: String, replaces: Bool = false) throws(FileError) -> [String] {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true)
    } catch {
      throw FileError(error, .writing, path: path)
    }
    func file(_ name: String) -> OutputFile {
      OutputFile("\(path)/\(name)", inputs: [pruned.file.path], replaces: replaces)
    }
    let tokenizer = HuggingFaceTokenizer(metadata: pruned.file.metadata)
    var texts = [
      "config.json": config(tokenizer), "generation_config.json": .object(tokenizer.specialIDs),
    ]
    if let model = tokenizer.model {
      texts["tokenizer.json"] = model
      texts["tokenizer_config.json"] = tokenizer.config
    }
    let weights = file("model.safetensors")
    for file in texts.keys.map(file) + [weights] { try file.check() }
    try SafetensorsFile(tensors: tensors, type: type).write(to: weights)
    for (name, value) in texts { try write(value, to: file(name)) }
    return tokenizer.model == nil
      ? [
        "No tokenizer.json: this kind of vocabulary is not written. Copy the tokenizer's files from "
          + "the original model."
      ] : []
  }

  private func write(_ value: JSON, to file: OutputFile) throws(FileError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let data: Data
    do { data = try encoder.encode(value) } catch {
      throw FileError(error, .writing, path: file.path)
    }
    try file.write(data)
  }

  private func config(_ tokenizer: HuggingFaceTokenizer) -> JSON {
    let (family, rotation) = (blueprint.architecture, blueprint.rotations[0])
    var fields: [String: JSON] = [
      "architectures": .list([.string(family.huggingFace.modelClass)]),
      "model_type": .string(family.huggingFace.modelType),
      "hidden_size": .integer(blueprint.width), "intermediate_size": .integer(blueprint.innerWidth),
      "num_hidden_layers": .integer(pruned.kept.count),
      "num_attention_heads": .integer(blueprint.headCount),
      "num_key_value_heads": .integer(blueprint.keyValueHeadCount),
      "head_dim": .integer(blueprint.headWidth), "hidden_act": .string("silu"),
      "rms_norm_eps": .number(Double("\(blueprint.normEpsilon)") ?? 1e-5),
      "rope_theta": .number(rotation.base ?? 10_000),
      "max_position_embeddings": .integer(blueprint.trainedLength),
      "vocab_size": .integer(blueprint.vocabularyCount),
      "tie_word_embeddings": .bool(pruned.file.tensor(named: "output.weight") == nil),
      "attention_bias": .bool(false), "mlp_bias": .bool(false), "use_cache": .bool(true),
      "torch_dtype": .string(type.torchName),
      "fathom_kept_blocks": .list(pruned.kept.map { .integer($0) }),
    ]
    if rotation.scale != 1 {
      fields["rope_scaling"] = .object([
        "rope_type": .string("linear"), "factor": .number(rotation.scale),
      ])
    }
    return .object(fields.merging(tokenizer.specialIDs) { $1 })
  }

  // MARK: - Tensors

  private var tensors: [SafetensorsFile.Tensor] {
    pruned.tensors.compactMap { tensor in
      guard let name = name(of: tensor.name) else { return nil }
      let source = tensor.source
      let isPaired = blueprint.architecture.pairs == .adjacent
      return SafetensorsFile.Tensor(name: name, shape: source.shape.reversed()) {
        let numbers = tensor.file.dequantize(source)
        if isPaired, name.hasSuffix("q_proj.weight") {
          return halves(numbers, heads: blueprint.headCount, columns: source.rowLength)
        }
        if isPaired, name.hasSuffix("k_proj.weight") {
          return halves(numbers, heads: blueprint.keyValueHeadCount, columns: source.rowLength)
        }
        return numbers
      }
    }
  }

  /// Rows of each head from pairs (0, 1), (2, 3) … to halves: all firsts, then all seconds. What
  /// llama.cpp's converter did, undone (convert_hf_to_gguf.py, `LlamaModel.permute`).
  private func halves(_ numbers: [Float], heads: Int, columns: Int) -> [Float] {
    let width = blueprint.headWidth
    let half = width / 2
    var result: [Float] = []
    result.reserveCapacity(numbers.count)
    for head in 0..<heads {
      for row in 0..<width {
        let source = head * width + (row < half ? 2 * row : 2 * (row - half) + 1)
        result += numbers[source * columns..<(source + 1) * columns]
      }
    }
    return result
  }

  /// The name of a tensor in transformers; nil for one that has no place there.
  private func name(of name: String) -> String? {
    switch name {
    case "token_embd.weight": return "model.embed_tokens.weight"
    case "output_norm.weight": return "model.norm.weight"
    case "output.weight": return "lm_head.weight"
    default: break
    }
    let parts = name.split(separator: ".").map(String.init)
    guard parts.count == 4, parts[0] == "blk",
      let place = blueprint.parts.first(where: { $0.tensor == parts[2] })
    else { return nil }
    return "model.layers.\(parts[1]).\(place.huggingFace).\(parts[3])"
  }
}
