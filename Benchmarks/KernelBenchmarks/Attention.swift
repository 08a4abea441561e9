import CKernels
import Kernels

/// Attention of one row over a text, in stretches of 256 positions: three key/value heads of 64 with
/// three query heads each, as in the default model. Each stretch is one call of the kernel. The keys
/// and values of 256 positions in one block fit the caches, those of 8192 in 30 blocks need memory.
func attentionBenchmarks() {
  for (positions, blocks, place) in [(256, 1, Place.cache), (8192, 30, .memory)] {
    measure("attention over \(positions) positions, \(blocks) blocks", from: place) {
      let attention = Attention(stretches: positions / 256 * 3 * blocks)
      return Work(bytes: attention.bytes) { Machine.pool.run(attention) }
    }
  }
}

private final class Attention: PoolTask {
  private static let (heads, width) = (3, 64)
  /// Bytes of one stretch: 16 tiles of keys, with the scales, and of values.
  private static let (keyBytes, valueBytes) = (width * 16 + 64, width * 16)
  private static let splitBytes = Int(CK_TILES) * (keyBytes + valueBytes)

  private let stretches: Int
  private let memory: AlignedBytes
  private let arena = Arena()
  private let query: ck_queries
  private let masks: UnsafeMutablePointer<UInt16>
  /// For each worker: the tiles of a stretch, and its maxima, sums and outputs.
  private let tiles: [UnsafeMutablePointer<ck_tile>]
  private let results: [UnsafeMutablePointer<Float>]

  init(stretches: Int) {
    self.stretches = stretches
    memory = AlignedBytes(count: stretches * Self.splitBytes)
    let (arena, heads, width) = (arena, Self.heads, Self.width)
    masks = arena.take(Int(CK_TILES), of: UInt16.self)
    for tile in 0..<Int(CK_TILES) { masks[tile] = .max }
    query = ck_queries(
      codes: arena.take(heads * 2 * width, of: Int8.self),
      scales: arena.take(heads, of: Float.self),
      sums: arena.take(heads, of: Int32.self))
    tiles = (0..<Machine.pool.count).map { _ in arena.take(Int(CK_TILES), of: ck_tile.self) }
    results = (0..<Machine.pool.count).map { _ in
      arena.take(heads * (2 + width), of: Float.self)
    }
    fill()
  }

  /// Bytes of the keys and values that one call reads.
  var bytes: Int { memory.count }

  /// One position everywhere, and queries.
  private func fill() {
    let row = arena.take(Self.heads * Self.width, of: Float.self)
    for index in 0..<Self.heads * Self.width { row[index] = Float(index % 7) / 7 - 0.4 }
    for stretch in 0..<stretches {
      for index in 0..<Int(CK_TILES) {
        for lane in 0..<16 {
          ck_store(
            Machine.kernels.pointer, row, row, Int32(Self.width), tile(index, of: stretch),
            Int32(lane))
        }
      }
    }
    var query = query
    ck_prepare_queries(
      Machine.kernels.pointer, row, Int32(Self.heads), Int32(Self.width), &query)
  }

  private func tile(_ index: Int, of stretch: Int) -> ck_tile {
    let start = memory.values(UInt8.self) + stretch * Self.splitBytes
    return ck_tile(
      keys: start + index * Self.keyBytes,
      values: start + Int(CK_TILES) * Self.keyBytes + index * Self.valueBytes)
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    let (tiles, result) = (tiles[worker.index], results[worker.index])
    pool.share(stretches, chunk: 1, by: &worker) { part in
      var query = query
      for stretch in part {
        for index in 0..<Int(CK_TILES) { tiles[index] = tile(index, of: stretch) }
        ck_attend(
          Machine.kernels.pointer, &query, Int32(Self.heads), Int32(Self.width), Int32(CK_TILES),
          tiles, masks, result, result + Self.heads, result + 2 * Self.heads)
      }
    }
  }
}
