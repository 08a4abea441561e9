package import GGUF

/// A small random adapter of exits for a ``TinyModel``: as a value to change, and as a GGUF file with the
/// keys and names of docs/ADAPTERS.md.
package struct TinyAdapter: Hashable, Sendable {
  /// The model it is for.
  package var base: TinyModel
  /// The fingerprint of that model's file.
  package var sha256: String
  /// Blocks executed before each exit.
  package var depths: [Int]
  /// What is added to the products of each exit's gate; nil: no gates.
  package var gateBias: Float?
  /// The short head's tokens; empty: no short head.
  package var shortlist: [Int32]
  /// What people call it.
  package var name = "tiny exits"
  /// The seed of its weights.
  package var seed: UInt64

  /// An adapter for `base`, with gates unless `gateBias` is nil.
  package init(
    base: TinyModel, sha256: String = "00", depths: [Int], gateBias: Float? = 0,
    shortlist: [Int32] = [], seed: UInt64 = 1
  ) {
    self.base = base
    self.sha256 = sha256
    self.depths = depths
    self.gateBias = gateBias
    self.shortlist = shortlist
    self.seed = seed
  }

  /// The adapter as a file in memory.
  package func file() throws -> GGUFFile { try GGUFFile(bytes: bytes(), path: "adapter.gguf") }

  /// The bytes of the file.
  package func bytes() -> [UInt8] {
    func count(_ value: Int) -> MetadataValue { .unsigned(UInt64(value)) }
    var writer = GGUFWriter()
    let keys: [(String, MetadataValue)] = [
      ("general.architecture", .string("llama")), ("general.type", .string("adapter")),
      ("general.name", .string(name)), ("adapter.type", .string("fathom.exits")),
      ("fathom.adapter.version", count(1)), ("fathom.base.sha256", .string(sha256)),
      ("fathom.base.name", .string("Tiny \(base.seed)")),
      ("fathom.base.block_count", count(base.blockCount)),
      ("fathom.base.embedding_length", count(base.width)),
      ("fathom.base.vocab_size", count(base.vocabulary.tokens.count)),
      ("fathom.exit.depths", .array(depths.map(count))),
      ("fathom.exit.kinds", .array(depths.map { _ in .string("linear") })),
    ]
    for (key, value) in keys { writer.set(key, to: value) }
    if !shortlist.isEmpty {
      writer.set("fathom.shortlist", to: .array(shortlist.map { count(Int($0)) }))
    }
    var generator = SeededGenerator(seed: seed)
    for depth in depths { add(depth, to: &writer, using: &generator) }
    return writer.bytes()
  }

  private func add(
    _ depth: Int, to writer: inout GGUFWriter, using generator: inout SeededGenerator
  ) {
    let width = base.width
    func random(_ count: Int, around mean: Float = 0) -> [Float] {
      (0..<count).map { _ in mean + generator.nextNormal() / 8 }
    }
    func add(_ part: String, _ shape: [Int], _ values: [Float]) {
      let bytes = values.flatMap { value in
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) }
      }
      writer.add(name: "exit.\(depth).\(part)", shape: shape, type: .f32, bytes: bytes)
    }
    add("output_norm.weight", [width], random(width, around: 1))
    add("input_norm.weight", [width], random(width, around: 1))
    add("linear.weight", [width, width], random(width * width))
    guard let gateBias else { return }
    add("gate.weight", [width], random(width))
    add("gate.bias", [1], [gateBias])
  }
}
