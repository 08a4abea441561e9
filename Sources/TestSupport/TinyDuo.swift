package import GGUF

/// Small random feed-forwards with routers for a ``TinyModel``: as a value to change, and as a GGUF file with
/// the keys and names of docs/ADAPTERS.md.
package struct TinyDuo: Hashable, Sendable {
  /// The model they are for.
  package var base: TinyModel
  /// The fingerprint of that model's file.
  package var sha256: String
  /// Gated units.
  package var inner = 32
  /// Linear units.
  package var rank = 32
  /// The type of the matrices.
  package var type: TensorType
  /// Tensors that hold these values instead of random ones, by name.
  package var planted: [String: [Float]] = [:]
  /// The seed of the weights.
  package var seed: UInt64
  /// What the file does not have.
  package var missing: Set<String> = []

  /// Modules for `base`; the type is that of its matrices.
  package init(base: TinyModel, sha256: String = "00", seed: UInt64 = 1) {
    self.base = base
    self.sha256 = sha256
    self.seed = seed
    type = base.type
  }

  /// The modules as a file in memory.
  package func file() throws -> GGUFFile { try GGUFFile(bytes: bytes(), path: "duo.gguf") }

  /// The bytes of the file.
  package func bytes() -> [UInt8] {
    func count(_ value: Int) -> MetadataValue { .unsigned(UInt64(value)) }
    func reals(_ values: [Double]) -> MetadataValue { .array(values.map { .float($0) }) }
    var writer = GGUFWriter()
    let keys: [(String, MetadataValue)] = [
      ("general.architecture", .string("llama")), ("general.type", .string("adapter")),
      ("general.name", .string("tiny duo")), ("adapter.type", .string("fathom.duo")),
      ("fathom.adapter.version", count(1)), ("fathom.base.sha256", .string(sha256)),
      ("fathom.base.name", .string("Tiny \(base.seed)")),
      ("fathom.base.block_count", count(base.blockCount)),
      ("fathom.base.embedding_length", count(base.width)),
      ("fathom.base.vocab_size", count(base.vocabulary.tokens.count)),
      ("fathom.duo.inner", count(inner)), ("fathom.duo.rank", count(rank)),
      // The scores of random routers are about normal.
      ("fathom.duo.shares", reals([0.125, 0.5, 0.875])),
      ("fathom.duo.offsets", reals([1.25, 0, -1.25])),
      ("fathom.duo.agreement", reals([0.25, 0.5, 0.75])),
      ("fathom.duo.divergence", reals([2, 1, 0.5])),
    ]
    for (key, value) in keys where !missing.contains(key) { writer.set(key, to: value) }
    var generator = SeededGenerator(seed: seed)
    for block in 0..<base.blockCount { add(block, to: &writer, using: &generator) }
    return writer.bytes()
  }

  private func add(
    _ block: Int, to writer: inout GGUFWriter, using generator: inout SeededGenerator
  ) {
    let width = base.width
    var shapes = [("ffn_gate.weight", inner, width), ("ffn_up.weight", inner, width)]
    if rank > 0 { shapes.append(("linear.weight", rank, width)) }
    shapes.append(("ffn_down.weight", width, inner + rank))
    for (part, rows, columns) in shapes {
      let name = "duo.\(block).\(part)"
      let deviation = 1 / Float(columns).squareRoot()
      let bytes =
        planted[name].map(Self.bytes)
        ?? type.randomBytes(count: rows * columns, deviation: deviation, using: &generator)
      if missing.contains(name) { continue }
      writer.add(
        name: name, shape: [columns, rows], type: planted[name] == nil ? type : .f32, bytes: bytes)
    }
    for (part, columns) in [("bias", width), ("router.weight", width), ("router.bias", 1)] {
      let name = "duo.\(block).\(part)"
      let deviation = part == "router.bias" ? 0 : 1 / Float(width).squareRoot()
      let values =
        planted[name] ?? (0..<columns).map { _ in generator.nextNormal() * deviation }
      if missing.contains(name) { continue }
      writer.add(name: name, shape: [columns], type: .f32, bytes: Self.bytes(values))
    }
  }

  private static func bytes(_ values: [Float]) -> [UInt8] {
    values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) }
    }
  }
}
