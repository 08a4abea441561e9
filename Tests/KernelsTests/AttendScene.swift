import CKernels
import Foundation
import Kernels
import TestSupport

/// Which keys can be seen.
enum MaskKind: CaseIterable {
  case everything
  case random
  /// Some tiles have no visible key.
  case emptyTiles
  case nothing
  /// The first key alone.
  case one

  func mask(of tile: Int, using generator: inout SeededGenerator) -> UInt16 {
    let random = UInt16.random(in: 0...UInt16.max, using: &generator)
    switch self {
    case .everything: return .max
    case .random: return random
    case .emptyTiles: return tile % 2 == 0 ? 0 : random | 1
    case .nothing: return 0
    case .one: return tile == 0 ? 1 : 0
    }
  }
}

/// Queries, keys and values of one key/value head.
struct Scene {
  var heads: Int
  let width: Int
  private(set) var tiles: Int
  private var queries: [Float] = []
  var keys: [[Float]] = []
  var values: [[Float]] = []
  private var masks: [UInt16] = []

  init(
    heads: Int, width: Int, tiles: Int, masks kind: MaskKind, kind rows: RowKind = .plain,
    using generator: inout SeededGenerator
  ) {
    self.heads = heads
    self.width = width
    self.tiles = tiles
    queries = (0..<heads * width).map { _ in generator.nextNormal() * 2 }
    for tile in 0..<tiles {
      masks.append(kind.mask(of: tile, using: &generator))
      for _ in 0..<16 {
        keys.append(rows.numbers(width, using: &generator))
        values.append(rows.numbers(width, using: &generator))
      }
    }
  }

  /// The same with one query head.
  func alone(_ head: Int) -> Scene {
    var scene = self
    scene.heads = 1
    scene.queries = Array(queries[head * width..<(head + 1) * width])
    return scene
  }

  /// The same with some of the tiles.
  func part(_ range: Range<Int>) -> Scene {
    var scene = self
    scene.tiles = range.count
    scene.masks = Array(masks[range])
    scene.keys = Array(keys[range.lowerBound * 16..<range.upperBound * 16])
    scene.values = Array(values[range.lowerBound * 16..<range.upperBound * 16])
    return scene
  }

  mutating func poisonInvisible() {
    let poison = [Float](repeating: .nan, count: width)
    for row in keys.indices where masks[row / 16] >> (row % 16) & 1 == 0 {
      keys[row] = poison
      values[row] = poison
    }
  }

  /// What one call of attention leaves, still transformed and not yet divided.
  func result(by set: KernelSet) -> SceneResult {
    let stride = (width + 15) / 16 * 16
    let memory = TileMemory(count: tiles, stride: stride)
    for row in keys.indices {
      ck_store(
        set.pointer, keys[row], values[row], Int32(width), memory.tiles[row / 16], Int32(row % 16))
    }
    var result = SceneResult(heads: heads, width: width, stored: memory.bytes)
    var floats = queries
    var codes = [Int8](repeating: 7, count: heads * 2 * stride)
    var scales = [Float](repeating: -7, count: heads)
    var sums = [Int32](repeating: -7, count: heads)
    codes.withUnsafeMutableBufferPointer { codes in
      scales.withUnsafeMutableBufferPointer { scales in
        sums.withUnsafeMutableBufferPointer { sums in
          var digits = ck_queries(
            codes: codes.baseAddress, scales: scales.baseAddress, sums: sums.baseAddress)
          ck_prepare_queries(set.pointer, &floats, Int32(heads), Int32(width), &digits)
          ck_attend(
            set.pointer, &digits, Int32(heads), Int32(width), Int32(tiles), memory.tiles, masks,
            &result.maxima, &result.sums, &result.outputs)
        }
      }
    }
    return result
  }

  /// Attention over all tiles, [heads, width].
  func attended(by set: KernelSet) -> SceneResult {
    var result = result(by: set)
    result.finish(by: set)
    return result
  }

  /// Attention in double precision over the keys and values as they were.
  func definition(head: Int) -> [Double] {
    let visible = keys.indices.filter { masks[$0 / 16] >> ($0 % 16) & 1 == 1 }
    let scores = visible.map { key in
      (0..<width).reduce(0.0) { $0 + Double(queries[head * width + $1]) * Double(keys[key][$1]) }
        / Double(width).squareRoot()
    }
    let largest = scores.max() ?? 0
    let weights = scores.map { exp($0 - largest) }
    let total = weights.reduce(0, +)
    return (0..<width).map { d in
      zip(visible, weights).reduce(0.0) { $0 + $1.1 * Double(values[$1.0][d]) } / total
    }
  }
}

/// Tiles in memory of their own.
private struct TileMemory {
  private(set) var tiles: [ck_tile]
  private let memory: AlignedBytes

  init(count: Int, stride: Int) {
    let (keyBytes, valueBytes) = (16 * stride + 64, 16 * stride)
    memory = AlignedBytes(count: count * (keyBytes + valueBytes), zeroed: true)
    let base = memory.values(UInt8.self)
    tiles = (0..<count).map { tile in
      ck_tile(
        keys: base + tile * keyBytes, values: base + count * keyBytes + tile * valueBytes)
    }
  }

  var bytes: [UInt8] {
    Array(UnsafeBufferPointer(start: memory.values(UInt8.self), count: memory.count))
  }
}

/// What attention gives, and what was stored for it.
struct SceneResult {
  let heads: Int
  let width: Int
  let stored: [UInt8]
  var maxima: [Float]
  var sums: [Float]
  var outputs: [Float]

  init(heads: Int, width: Int, stored: [UInt8]) {
    (self.heads, self.width, self.stored) = (heads, width, stored)
    maxima = Array(repeating: -7, count: heads)
    sums = Array(repeating: -7, count: heads)
    outputs = Array(repeating: -7, count: heads * ((width + 15) / 16 * 16))
  }

  var bits: [UInt32] { (maxima + sums + outputs).bits }

  mutating func merge(_ next: SceneResult, by set: KernelSet) {
    ck_merge(
      set.pointer, Int32(heads), Int32(width), &maxima, &sums, &outputs, next.maxima, next.sums,
      next.outputs)
  }

  mutating func finish(by set: KernelSet) {
    var out = [Float](repeating: -7, count: heads * width)
    ck_finish(set.pointer, Int32(heads), Int32(width), sums, outputs, &out)
    outputs = out
  }
}
