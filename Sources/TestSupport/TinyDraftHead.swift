package import GGUF

/// A small random draft head for a ``TinyModel``: as a value to change, and as a GGUF file with the keys
/// and names of docs/ADAPTERS.md.
package struct TinyDraftHead: Hashable, Sendable {
  /// The model it is for.
  package var base: TinyModel
  /// The fingerprint of that model's file.
  package var sha256: String
  /// Width of its feed-forward.
  package var inner = 32
  /// The tokens that it can guess.
  package var tokens: [Int32]
  /// The least probability of each bin but the first.
  package var bounds = [0.1, 0.5]
  /// By bin, how often guesses come true.
  package var chances = [0.1, 0.5, 0.9]
  /// The seed of its weights.
  package var seed: UInt64
  /// What its file does not have.
  package var missing: Set<String> = []

  /// A head for `base` that guesses tokens below 200.
  package init(base: TinyModel, sha256: String = "00", seed: UInt64 = 1) {
    self.base = base
    self.sha256 = sha256
    self.seed = seed
    tokens = Array(3..<200)
  }

  /// Its matrices by name, [rows · columns], with the length of a row.
  package var matrices: [(name: String, columns: Int, values: [Float])] {
    var generator = SeededGenerator(seed: seed)
    let width = base.width
    let shapes = [
      ("linear", width, 2 * width), ("ffn_gate", inner, 2 * width), ("ffn_up", inner, 2 * width),
      ("ffn_down", width, inner), ("output", tokens.count + 1, width),
    ]
    return shapes.map { name, rows, columns in
      let deviation = (name == "output" ? 3 : 1) / Float(columns).squareRoot()
      let values = (0..<rows * columns).map { _ in generator.nextNormal() * deviation }
      return ("draft.\(name).weight", columns, values)
    }
  }

  /// The head as a file in memory.
  package func file() throws -> GGUFFile { try GGUFFile(bytes: bytes(), path: "draft.gguf") }

  /// The bytes of the file.
  package func bytes() -> [UInt8] {
    func count(_ value: Int) -> MetadataValue { .unsigned(UInt64(value)) }
    func reals(_ values: [Double]) -> MetadataValue { .array(values.map { .float($0) }) }
    var writer = GGUFWriter()
    let keys: [(String, MetadataValue)] = [
      ("general.architecture", .string("llama")), ("general.type", .string("adapter")),
      ("general.name", .string("tiny draft head")), ("adapter.type", .string("fathom.draft")),
      ("fathom.adapter.version", count(1)), ("fathom.base.sha256", .string(sha256)),
      ("fathom.base.name", .string("Tiny \(base.seed)")),
      ("fathom.base.block_count", count(base.blockCount)),
      ("fathom.base.embedding_length", count(base.width)),
      ("fathom.base.vocab_size", count(base.vocabulary.tokens.count)),
      ("fathom.shortlist", .array(tokens.map { count(Int($0)) })),
      ("fathom.draft.inner", count(inner)), ("fathom.draft.bounds", reals(bounds)),
      ("fathom.draft.chances", reals(chances)),
    ]
    for (key, value) in keys where !missing.contains(key) { writer.set(key, to: value) }
    for matrix in matrices where !missing.contains(matrix.name) {
      let bytes = matrix.values.flatMap { value in
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) }
      }
      writer.add(
        name: matrix.name, shape: [matrix.columns, matrix.values.count / matrix.columns],
        type: .f32, bytes: bytes)
    }
    return writer.bytes()
  }
}
