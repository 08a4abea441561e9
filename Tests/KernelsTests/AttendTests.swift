import CKernels
import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct AttendTests {
  @Test(arguments: Machine.vectorSets, [8, 20, 64, 80, 128])
  func `every set attends to the same bits`(set: KernelSet, width: Int) throws {
    let scalar = try Machine.scalar
    var generator = SeededGenerator(seed: 40 + UInt64(width))
    for heads in 1...9 {
      for tiles in [1, 2, 3, 15, 16] {
        for masks in MaskKind.allCases {
          let scene = Scene(
            heads: heads, width: width, tiles: tiles, masks: masks, using: &generator)
          #expect(
            scene.attended(by: set).bits == scene.attended(by: scalar).bits,
            "\(heads) heads, \(tiles) tiles, \(masks)")
        }
      }
    }
  }

  @Test(arguments: Machine.sets)
  func `a head's result does not depend on its company`(set: KernelSet) {
    var generator = SeededGenerator(seed: 41)
    let scene = Scene(heads: 9, width: 64, tiles: 7, masks: .random, using: &generator)
    let all = scene.attended(by: set)
    for head in 0..<9 {
      let alone = scene.alone(head).attended(by: set)
      #expect(alone.maxima[0] == all.maxima[head])
      #expect(alone.sums[0] == all.sums[head])
      #expect(alone.outputs.bits == all.outputs[64 * head..<64 * head + 64].bits)
    }
  }

  /// Invisible keys and values are NaN here: had one been used, the result would be NaN too.
  @Test(arguments: Machine.sets)
  func `what is invisible is never used`(set: KernelSet) {
    var generator = SeededGenerator(seed: 42)
    for masks in MaskKind.allCases {
      var scene = Scene(heads: 5, width: 80, tiles: 6, masks: masks, using: &generator)
      let clean = scene.attended(by: set)
      scene.poisonInvisible()
      let poisoned = scene.attended(by: set)
      #expect(poisoned.bits == clean.bits, "\(masks)")
      #expect(poisoned.outputs.allSatisfy { $0.isFinite }, "\(masks)")
      if masks == .nothing {
        #expect(clean.maxima.allSatisfy { $0 == -.infinity })
        #expect(clean.sums.allSatisfy { $0 == 0 })
        #expect(clean.outputs.allSatisfy { $0 == 0 })
      }
    }
  }

  /// Keys and values that were floats become float16, each off by a share of 2^-11 at most. A score
  /// is then off by 2^-11 Σ|q k| / √width, about 2e-4 for numbers of deviation 1, its weight by that
  /// share, and the mixture of values by about twice that: within 1e-3 of the values' size.
  @Test(arguments: Machine.sets, [8, 64, 80])
  func `attention is softmax over dot products within 1e-3 of the values' size`(
    set: KernelSet, width: Int
  ) {
    var generator = SeededGenerator(seed: 43)
    for masks in [MaskKind.everything, .random, .emptyTiles] {
      let scene = Scene(heads: 3, width: width, tiles: 16, masks: masks, using: &generator)
      let result = scene.attended(by: set)
      for head in 0..<3 {
        let expected = scene.definition(head: head)
        for d in 0..<width {
          let mixed = Double(result.outputs[head * scene.stride + d]) / Double(result.sums[head])
          #expect(abs(mixed - expected[d]) < 1e-3, "\(masks), head \(head), dimension \(d)")
        }
      }
    }
  }
}

/// Which keys can be seen.
private enum MaskKind: CaseIterable {
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
private struct Scene {
  struct Result {
    var maxima: [Float]
    var sums: [Float]
    var outputs: [Float]
    var bits: [UInt32] { (maxima + sums + outputs).bits }
  }

  var heads: Int
  let width: Int
  let tiles: Int
  /// Float16 values between two rows of values.
  var stride: Int { (width + 15) / 16 * 16 }

  private var queries: [Float] = []
  private var keys: [[Float]] = []
  private var values: [[Float]] = []
  private var keyTiles: [[UInt16]] = []
  private var valueTiles: [[UInt16]] = []
  private var masks: [UInt16] = []

  init(
    heads: Int, width: Int, tiles: Int, masks kind: MaskKind,
    using generator: inout SeededGenerator
  ) {
    self.heads = heads
    self.width = width
    self.tiles = tiles
    // Queries come scaled by the root of the width.
    queries = (0..<heads * width).map { _ in
      generator.nextNormal() * 2 / Float(width).squareRoot()
    }
    for tile in 0..<tiles {
      masks.append(kind.mask(of: tile, using: &generator))
      var keyTile = [UInt16](repeating: 0, count: width * 16)
      var valueTile = [UInt16](repeating: 0, count: 16 * stride)
      for j in 0..<16 {
        keys.append(RowKind.plain.numbers(width, using: &generator))
        values.append(RowKind.plain.numbers(width, using: &generator))
        for d in 0..<width {
          keyTile[d * 16 + j] = ck_to_half(keys[16 * tile + j][d])
          valueTile[j * stride + d] = ck_to_half(values[16 * tile + j][d])
        }
      }
      keyTiles.append(keyTile)
      valueTiles.append(valueTile)
    }
  }

  /// The same with one query head.
  func alone(_ head: Int) -> Scene {
    var scene = self
    scene.heads = 1
    scene.queries = Array(queries[head * width..<(head + 1) * width])
    return scene
  }

  mutating func poisonInvisible() {
    for tile in 0..<tiles {
      for j in 0..<16 where masks[tile] >> j & 1 == 0 {
        for d in 0..<width { keyTiles[tile][d * 16 + j] = 0x7e00 }
        for d in 0..<stride { valueTiles[tile][j * stride + d] = 0x7e00 }
      }
    }
  }

  func attended(by set: KernelSet) -> Result {
    var scores = [Float](repeating: .nan, count: heads * 256)
    var result = Result(
      maxima: Array(repeating: -7, count: heads), sums: Array(repeating: -7, count: heads),
      outputs: Array(repeating: -7, count: heads * stride))
    // One stretch of memory each, tile after tile.
    keyTiles.flatMap(\.self).withUnsafeBufferPointer { keys in
      valueTiles.flatMap(\.self).withUnsafeBufferPointer { values in
        ck_attend(
          set.pointer, queries, Int32(heads), Int32(width), Int32(tiles),
          (0..<tiles).map { keys.baseAddress?.advanced(by: $0 * width * 16) },
          (0..<tiles).map { values.baseAddress?.advanced(by: $0 * stride * 16) }, masks, &scores,
          &result.maxima, &result.sums, &result.outputs)
      }
    }
    return result
  }

  /// Attention in double precision over the keys and values before they became float16.
  func definition(head: Int) -> [Double] {
    let visible = keys.indices.filter { masks[$0 / 16] >> ($0 % 16) & 1 == 1 }
    let scores = visible.map { key in
      (0..<width).reduce(0.0) { $0 + Double(queries[head * width + $1]) * Double(keys[key][$1]) }
    }
    let largest = scores.max() ?? 0
    let weights = scores.map { exp($0 - largest) }
    let total = weights.reduce(0, +)
    return (0..<width).map { d in
      zip(visible, weights).reduce(0.0) { $0 + $1.1 * Double(values[$1.0][d]) } / total
    }
  }
}
