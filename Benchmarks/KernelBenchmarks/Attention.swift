import CKernels
import Kernels

/// Attention of one row over a text, in stretches of 256 positions: three key/value heads of 64 with
/// three query heads each, in 30 blocks, as in the default model. Each stretch is one call of the
/// kernel. The keys and values of 256 positions fit the caches, those of 4096 need memory.
func attentionBenchmarks() {
  for (positions, blocks, place) in [(256, 1, Place.cache), (4096, 30, .memory)] {
    measure("attention over \(positions) positions, \(blocks) blocks", from: place) {
      let attention = Attention(stretches: positions / 256 * 3 * blocks)
      return Work(bytes: attention.bytes) { Machine.crew.run(attention) }
    }
  }
}

private final class Attention: CrewTask {
  private let (heads, width, tiles) = (3, 64, 16)
  private let (keyBytes, valueBytes) = (64 * 16 + 64, 64 * 16)
  private let stretches: Int
  private let memory: AlignedBytes
  private let arena = Arena()
  private let masks: UnsafeMutablePointer<UInt16>
  private var queries: ck_queries
  /// Per member: maxima, sums and outputs.
  private let results: [UnsafeMutablePointer<Float>]

  init(stretches: Int) {
    self.stretches = stretches
    memory = AlignedBytes(count: stretches * tiles * (keyBytes + valueBytes))
    masks = arena.take(tiles, of: UInt16.self)
    masks.update(repeating: .max, count: tiles)
    let (heads, width, arena) = (heads, width, arena)
    results = (0..<Machine.crew.count).map { _ in
      arena.take(heads * (2 + width), of: Float.self)
    }
    queries = ck_queries(
      codes: arena.take(heads * 2 * width, of: Int8.self),
      scales: arena.take(heads, of: Float.self), sums: arena.take(heads, of: Int32.self))
    var query = (0..<heads * width).map { Float($0 % 7) / 7 - 0.4 }
    ck_prepare_queries(Machine.kernels.pointer, &query, Int32(heads), Int32(width), &queries)
    let row = (0..<width).map { Float($0 % 13) / 13 - 0.5 }
    for position in 0..<stretches * 256 {
      ck_store(
        Machine.kernels.pointer, row, row, Int32(width),
        tile(position / 16 % tiles, of: position / 256), Int32(position % 16))
    }
  }

  /// Bytes of the keys and values that one call reads.
  var bytes: Int { memory.count }

  func run(as member: inout CrewMember, of crew: WorkCrew) {
    let result = results[member.index]
    crew.share(stretches, chunk: 1, by: &member) { part in
      for stretch in part { attend(stretch, result: result) }
    }
  }

  private func tile(_ index: Int, of stretch: Int) -> ck_tile {
    let start = memory.values(UInt8.self) + stretch * tiles * (keyBytes + valueBytes)
    return ck_tile(
      keys: start + index * keyBytes, values: start + tiles * keyBytes + index * valueBytes)
  }

  private func attend(_ stretch: Int, result: UnsafeMutablePointer<Float>) {
    withUnsafeTemporaryAllocation(of: ck_tile.self, capacity: tiles) { views in
      for index in 0..<tiles { views.initializeElement(at: index, to: tile(index, of: stretch)) }
      var queries = queries
      ck_attend(
        Machine.kernels.pointer, &queries, Int32(heads), Int32(width), Int32(tiles),
        views.baseAddress, masks, result, result + heads, result + 2 * heads)
    }
  }
}
