/// One tensor of a file: what it is called, its shape, and where its bytes lie.
package struct TensorInfo: Sendable, Hashable {
  /// The name, as `blk.3.attn_q.weight`.
  package let name: String
  /// The extents in the file's order: `shape[0]` is the length of a row, the fastest to vary.
  package let shape: [Int]
  /// How the numbers are stored.
  package let type: TensorType
  /// Which of the files that hold the model together has it, from 0.
  package let part: Int
  /// The first byte, from the start of that file.
  package let offset: Int
  /// Bytes of the whole tensor.
  package let byteCount: Int
  /// Numbers of the whole tensor.
  package let elementCount: Int

  /// Numbers in a row.
  package var rowLength: Int { shape[0] }
  /// Rows: the product of all extents but the first.
  package var rowCount: Int { elementCount / rowLength }
}
