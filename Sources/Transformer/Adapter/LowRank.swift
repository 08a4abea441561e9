import GGUF
import Kernels

/// What a LoRA adds to the product of a projection: `y = W · x + factor · B · (A · x)` (Hu et al. 2021,
/// arXiv 2106.09685).
struct LowRankView: Sendable, BitwiseCopyable {
  /// [rank, inputs].
  let a: MatrixView
  /// [outputs, rank].
  let b: MatrixView
  /// α / rank.
  let factor: Float
}

/// The changes of one block's projections; nil where there is none.
struct BlockChanges: Sendable, BitwiseCopyable {
  var query: LowRankView?
  var key: LowRankView?
  var value: LowRankView?
  var output: LowRankView?
  var gate: LowRankView?
  var up: LowRankView?
  var down: LowRankView?
  /// What all of them take for one row, and what those of key and value do.
  private(set) var work = Work()
  private(set) var fillWork = Work()
  /// What those of the feed-forward do.
  private(set) var feedForwardWork = Work()

  /// Counts what the changes take, once they are all there.
  mutating func count() {
    work = Self.work(of: [query, key, value, output, gate, up, down])
    fillWork = Self.work(of: [key, value])
    feedForwardWork = Self.work(of: [gate, up, down])
  }

  private static func work(of changes: [LowRankView?]) -> Work {
    var work = Work()
    for change in changes.compactMap({ $0 }) {
      work.macs += change.a.macs + change.b.macs
      work.bytes += change.a.byteCount + change.b.byteCount
    }
    return work
  }
}

/// The changes of low rank that an adapter makes to its base, ready for a pass (docs/ADAPTERS.md).
package struct LowRankChanges: Sendable {
  /// Block by block.
  let blocks: [BlockChanges]
  /// The greatest rank.
  let rank: Int
  private let matrices: [PackedMatrix]

  /// Where the change of a matrix is kept.
  private typealias Kept = any WritableKeyPath<BlockChanges, LowRankView?> & Sendable
  private static let places: [(part: BlockPart, kept: Kept)] = [
    (.query, \.query), (.key, \.key), (.value, \.value), (.output, \.output),
    (.gate, \.gate), (.up, \.up), (.down, \.down),
  ]

  /// Reads the changes of an adapter's file; nil where it has none. Throws where half a change is
  /// missing or has another shape, and where a tensor is not one that a pass can use.
  init?(file: GGUFFile, alpha: Double?, blueprint: Blueprint, pool: ThreadPool) throws(ModelError) {
    // Exits' tensors are read by those who know them.
    let names = file.tensors.map(\.name).filter { !$0.hasPrefix("exit.") }
    if names.isEmpty { return nil }
    let reader = TensorReader(file: file, pool: pool)
    var matrices: [PackedMatrix] = []
    var known: Set<String> = []
    var rank = 0
    var blocks: [BlockChanges] = []
    for index in 0..<blueprint.blockCount {
      var changes = BlockChanges()
      for (part, kept) in Self.places {
        let place = blueprint.place(of: part)
        let name = place.name(block: index)
        let (nameA, nameB) = (AdapterFormat.loraA(of: name), AdapterFormat.loraB(of: name))
        let halves = [nameA, nameB].filter { file.tensor(named: $0) != nil }
        guard let half = halves.first else { continue }
        guard halves.count == 2, let own = file.tensor(named: half)?.rowCount else {
          throw .halfChange(half)
        }
        let a = try reader.matrix(nameA, own, place.columns ?? 1)
        let b = try reader.matrix(
          nameB, place.tensorRows, own, order: blueprint.rowOrder(of: part))
        matrices += [a, b]
        known.formUnion(halves)
        rank = max(rank, own)
        changes[keyPath: kept] = LowRankView(
          a: a.view, b: b.view, factor: try Self.factor(alpha, rank: own))
      }
      changes.count()
      blocks.append(changes)
    }
    if let name = names.first(where: { !known.contains($0) }) { throw .unknownInAdapter(name) }
    self.blocks = blocks
    self.rank = rank
    self.matrices = matrices
  }

  /// As llama.cpp has it: where a file has no α, the product is taken as it is.
  private static func factor(_ alpha: Double?, rank: Int) throws(ModelError) -> Float {
    guard let alpha, alpha != 0 else { return 1 }
    guard Float(alpha).isFinite else {
      throw .badValue("adapter.lora.alpha", "\(alpha)", expected: "it must be a number")
    }
    return AdapterFormat.loraFactor(alpha: Float(alpha), rank: rank)
  }
}

extension ModelError {
  fileprivate static func halfChange(_ name: String) -> ModelError {
    ModelError(
      code: .missingTensor, place: name,
      message: "The adapter has the tensor \"\(name)\" without its other half. It is not complete; "
        + "train it again, or use another.")
  }

  fileprivate static func unknownInAdapter(_ name: String) -> ModelError {
    ModelError(
      code: .unsupportedTensor, place: name,
      message:
        "The adapter's tensor \"\(name)\" belongs to nothing that Fathom can change: that is "
        + "the projections of this model's blocks (blk.N.attn_q.weight.lora_a and the like). Left "
        + "out in silence it would give another model; use an adapter without it.")
  }
}
