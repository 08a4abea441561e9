package import Dials
package import GGUF
package import Kernels

/// Matrices that stand in for some of a model's own where certain blocks, and no others, are left out: for a
/// row that is pruned otherwise, or not at all, the model is the file's.
///
/// They come from a file in which they have the names that they have in the model, and are packed as those
/// of the model are: a file of the whole repaired model gives the same numbers, bit for bit.
package struct Repair: Sendable {
  /// The blocks that must be left out for it to make sense.
  package let removed: BlockSet
  /// How it was made, in the word that a person asks for it with.
  package let method: String
  /// The tensors, and where they lie.
  package let file: GGUFFile
  /// The matrices by block.
  let matrices: [Int: [BlockPart: PackedMatrix]]

  /// The parts of a block that a repair may replace: what a block brings to the stream.
  package static let parts: [BlockPart] = [.output, .down]

  /// Reads the tensors of `file` as matrices of a model of the shape `blueprint`.
  package init(
    file: GGUFFile, method: String, removed: BlockSet, blueprint: Blueprint, pool: ThreadPool
  ) throws(ModelError) {
    let reader = TensorReader(file: file, pool: pool)
    var matrices: [Int: [BlockPart: PackedMatrix]] = [:]
    var known: Set<String> = []
    for block in 0..<blueprint.blockCount {
      for part in Self.parts {
        let name = blueprint.place(of: part).name(block: block)
        guard file.tensor(named: name) != nil else { continue }
        known.insert(name)
        matrices[block, default: [:]][part] = try reader.matrix(part, ofBlock: block, blueprint)
      }
    }
    if let other = file.tensors.first(where: { !known.contains($0.name) }) {
      throw ModelError(
        code: .unsupportedTensor, place: other.name,
        message: "The tensor \"\(other.name)\" is none that a repair of this model replaces. "
          + "Make the repair again with fathom prune --repair.")
    }
    (self.file, self.method, self.removed, self.matrices) = (file, method, removed, matrices)
  }
}
