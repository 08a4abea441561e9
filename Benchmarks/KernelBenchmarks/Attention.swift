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
  private let stretches: Int
  private let keys: AlignedBytes
  private let values: AlignedBytes
  private let arena = Arena()
  private let query: UnsafeMutablePointer<Float>
  private let masks: UnsafeMutablePointer<UInt16>
  private let scratch: [UnsafeMutablePointer<Float>]

  init(stretches: Int) {
    self.stretches = stretches
    let count = stretches * tiles * 16 * width
    keys = AlignedBytes(count: count * 2)
    values = AlignedBytes(count: count * 2)
    for index in 0..<count {
      keys.values(UInt16.self)[index] = 0x2c00 + UInt16(index % 509)
      values.values(UInt16.self)[index] = 0x2c00 + UInt16(index % 251)
    }
    query = arena.take(heads * width, of: Float.self)
    for index in 0..<heads * width { query[index] = Float(index % 7) / 7 - 0.4 }
    masks = arena.take(tiles, of: UInt16.self)
    for tile in 0..<tiles { masks[tile] = .max }
    let (heads, width, arena) = (heads, width, arena)
    // Scores [heads, 256], then maxima, sums and outputs.
    scratch = (0..<Machine.crew.count).map { _ in
      arena.take(heads * (256 + 2 + width), of: Float.self)
    }
  }

  /// Bytes of the keys and values that one call reads.
  var bytes: Int { keys.count + values.count }

  func run(as member: inout CrewMember, of crew: WorkCrew) {
    let scores = scratch[member.index]
    crew.share(stretches, chunk: 1, by: &member) { part in
      for stretch in part { attend(stretch, scores: scores) }
    }
  }

  private func attend(_ stretch: Int, scores: UnsafeMutablePointer<Float>) {
    let size = width * 16
    withUnsafeTemporaryAllocation(of: UnsafePointer<UInt16>?.self, capacity: 2 * tiles) { views in
      for tile in 0..<tiles {
        let offset = (stretch * tiles + tile) * size
        views.initializeElement(at: tile, to: UnsafePointer(keys.values(UInt16.self) + offset))
        views.initializeElement(
          at: tiles + tile, to: UnsafePointer(values.values(UInt16.self) + offset))
      }
      guard let base = views.baseAddress else { return }
      let results = scores + heads * 256
      ck_attend(
        Machine.kernels.pointer, query, Int32(heads), Int32(width), Int32(tiles), base,
        base + tiles, masks, scores, results, results + heads, results + 2 * heads)
    }
  }
}
