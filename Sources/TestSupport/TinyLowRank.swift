package import GGUF

/// A small random LoRA for a ``TinyModel`` whose blocks are of F32: as a GGUF file with the keys and names
/// of docs/ADAPTERS.md, and merged into the model.
package struct TinyLowRank: Hashable, Sendable {
  /// The model it is for.
  package var base: TinyModel
  /// The fingerprint of that model's file.
  package var sha256 = "00"
  /// Columns of B and rows of A.
  package var rank = 4
  /// α; nil: the key is left out.
  package var alpha: Double? = 8
  /// The type of the matrices.
  package var type = TensorType.f32
  /// Blocks executed before each exit, which looks through the base's norm and head.
  package var depths: [Int] = []
  /// Whether B is zero: then nothing is changed.
  package var isZero = false
  /// Which projections of a block are changed, in llama.cpp's words.
  package var projections = [
    "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down",
  ]
  /// What people call it.
  package var name = "tiny LoRA"
  /// The seed of its weights.
  package var seed: UInt64 = 1

  /// A LoRA of all projections.
  package init(base: TinyModel) { self.base = base }

  /// The adapter as a file in memory. `edit` changes its tensors before they are written: a name and
  /// what belongs to it, or nothing.
  package func file(
    _ edit: (inout [String: Tensor]) -> Void = { _ in }
  ) throws -> GGUFFile {
    try GGUFFile(bytes: bytes(edit), path: "lora.gguf")
  }

  /// A tensor of the adapter.
  package struct Tensor {
    /// The length of a row first.
    package var shape: [Int]
    /// How it is stored.
    package var type: TensorType
    /// Row after row.
    package var bytes: [UInt8]
  }

  /// The bytes of the file.
  package func bytes(_ edit: (inout [String: Tensor]) -> Void = { _ in }) throws -> [UInt8] {
    var writer = GGUFWriter()
    for (key, value) in metadata { writer.set(key, to: value) }
    var tensors = try self.tensors()
    edit(&tensors)
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      writer.add(name: name, shape: tensor.shape, type: tensor.type, bytes: tensor.bytes)
    }
    return writer.bytes()
  }

  private var metadata: [(String, MetadataValue)] {
    func count(_ value: Int) -> MetadataValue { .unsigned(UInt64(value)) }
    var keys: [(String, MetadataValue)] = [
      ("general.architecture", .string("llama")), ("general.type", .string("adapter")),
      ("general.name", .string(name)), ("adapter.type", .string("lora")),
      ("fathom.adapter.version", count(1)), ("fathom.base.sha256", .string(sha256)),
      ("fathom.base.name", .string("Tiny \(base.seed)")),
      ("fathom.base.block_count", count(base.blockCount)),
      ("fathom.base.embedding_length", count(base.width)),
      ("fathom.base.vocab_size", count(base.vocabulary.tokens.count)),
      ("fathom.exit.depths", .array(depths.map(count))),
      ("fathom.exit.kinds", .array(depths.map { _ in .string("none") })),
    ]
    if let alpha { keys.append(("adapter.lora.alpha", .float(alpha))) }
    return keys
  }

  private func tensors() throws -> [String: Tensor] {
    var generator = SeededGenerator(seed: seed)
    let model = try base.file()
    var tensors: [String: Tensor] = [:]
    for block in 0..<base.blockCount {
      for projection in projections {
        let name = "blk.\(block).\(projection).weight"
        guard let shape = model.tensor(named: name)?.shape else { continue }
        tensors[name + ".lora_a"] = random(shape[0], rank, using: &generator)
        tensors[name + ".lora_b"] = random(
          rank, shape[1], scale: isZero ? 0 : 0.3, using: &generator)
      }
    }
    for depth in depths {
      guard let norm = model.tensor(named: "output_norm.weight") else { continue }
      tensors["exit.\(depth).output_norm.weight"] = Tensor(
        shape: norm.shape, type: .f32, bytes: model.dequantize(norm).flatMap(\.bytes))
    }
    return tensors
  }

  private func random(
    _ columns: Int, _ rows: Int, scale: Float = 1, using generator: inout SeededGenerator
  ) -> Tensor {
    let count = columns * rows
    guard scale > 0 else {
      return Tensor(
        shape: [columns, rows], type: .f32, bytes: [UInt8](repeating: 0, count: 4 * count))
    }
    return Tensor(
      shape: [columns, rows], type: type,
      bytes: type.randomBytes(
        count: count, deviation: scale / Float(columns).squareRoot(), using: &generator))
  }

  /// The model with the changes in its matrices.
  package func merged() throws -> GGUFFile {
    let (model, adapter) = (try base.file(), try file())
    var writer = GGUFWriter()
    for (key, value) in model.metadata where key != "general.alignment" {
      writer.set(key, to: value)
    }
    let factor = alpha.map { $0 / Double(rank) } ?? 1
    for tensor in model.tensors {
      var values = model.dequantize(tensor)
      if let a = adapter.tensor(named: tensor.name + ".lora_a"),
        let b = adapter.tensor(named: tensor.name + ".lora_b")
      {
        let (a, b) = (adapter.dequantize(a), adapter.dequantize(b))
        let columns = tensor.rowLength
        for row in 0..<tensor.rowCount {
          for column in 0..<columns {
            let change = (0..<rank).reduce(0.0) {
              $0 + Double(b[row * rank + $1]) * Double(a[$1 * columns + column])
            }
            values[row * columns + column] += Float(factor * change)
          }
        }
      }
      writer.add(
        name: tensor.name, shape: tensor.shape, type: .f32, bytes: values.flatMap(\.bytes))
    }
    return try GGUFFile(bytes: writer.bytes(), path: "merged.gguf")
  }
}

extension Float {
  /// The four bytes of the number, the lowest first.
  package var bytes: [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: bitPattern >> ($0 * 8)) }
  }
}
