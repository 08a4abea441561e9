import GGUF
import Kernels
import Synchronization

/// Looks for a row of a tensor with an infinity or a NaN in it; the pool shares the rows.
///
/// A pass would carry such a number into every logit, or only into some, and nobody could tell where it
/// comes from.
final class FiniteCheck: PoolTask {
  private let tensor: TensorInfo
  private let source: UnsafeRawPointer
  private let first: Atomic<Int>

  private init(_ tensor: TensorInfo, at source: UnsafeRawPointer) {
    (self.tensor, self.source) = (tensor, source)
    first = Atomic(tensor.rowCount)
  }

  /// The first row of a tensor of `file` with a number that is not finite; nil where there is none.
  static func firstBadRow(of tensor: TensorInfo, in file: GGUFFile, pool: ThreadPool) -> Int? {
    let row = file.withBytes(of: tensor) { bytes in
      guard let source = bytes.baseAddress else { return tensor.rowCount }
      let check = FiniteCheck(tensor, at: source)
      pool.run(check)
      return check.first.load(ordering: .acquiring)
    }
    return row < tensor.rowCount ? row : nil
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    let rowBytes = tensor.byteCount / tensor.rowCount
    pool.share(tensor.rowCount, chunk: 64, by: &worker) { rows in
      for row in rows
      where !tensor.type.areFinite(source + row * rowBytes, count: tensor.rowLength) {
        first.min(row, ordering: .acquiringAndReleasing)
        break
      }
    }
  }
}
