import CKernels
import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct AttendTests {
  @Test(arguments: Machine.vectorSets, [6, 8, 20, 64, 80, 128])
  func `every set attends to the same bits`(set: KernelSet, width: Int) throws {
    let scalar = try Machine.scalar
    var generator = SeededGenerator(seed: 40 + UInt64(width))
    for heads in 1...9 {
      for tiles in [1, 2, 3, 15, 16] {
        for masks in MaskKind.allCases {
          let scene = Scene(
            heads: heads, width: width, tiles: tiles, masks: masks, using: &generator)
          let (result, expected) = (scene.attended(by: set), scene.attended(by: scalar))
          #expect(result.stored == expected.stored, "\(tiles) tiles")
          #expect(result.bits == expected.bits, "\(heads) heads, \(tiles) tiles, \(masks)")
        }
      }
    }
  }

  @Test(arguments: Machine.vectorSets, RowKind.allCases.filter { $0 != .huge })
  func `every set stores the same bits, whatever the rows are like`(
    set: KernelSet, kind: RowKind
  ) throws {
    let scalar = try Machine.scalar
    var generator = SeededGenerator(seed: 44)
    for width in [6, 20, 64, 96, 512] {
      let scene = Scene(
        heads: 1, width: width, tiles: 1, masks: .everything, kind: kind, using: &generator)
      #expect(scene.attended(by: set).stored == scene.attended(by: scalar).stored, "\(width)")
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

  @Test(arguments: Machine.sets)
  func `a visible NaN makes the result NaN`(set: KernelSet) {
    var generator = SeededGenerator(seed: 45)
    var scene = Scene(heads: 2, width: 32, tiles: 2, masks: .everything, using: &generator)
    scene.keys[9][3] = .nan
    #expect(scene.attended(by: set).outputs.allSatisfy { $0.isNaN })
  }

  @Test(arguments: Machine.vectorSets)
  func `a score that is no number hides none that came before it`(set: KernelSet) throws {
    let scalar = try Machine.scalar
    var generator = SeededGenerator(seed: 46)
    var scene = Scene(heads: 8, width: 32, tiles: 3, masks: .everything, using: &generator)
    // The largest score of about half of the heads, and a NaN behind it in its lane.
    scene.keys[4] = scene.keys[4].map { $0 * 50 }
    scene.keys[20][3] = .nan
    let (result, expected) = (scene.result(by: set), scene.result(by: scalar))
    #expect(result.maxima == expected.maxima)
    #expect(expected.maxima.allSatisfy { $0.isFinite })
  }

  /// Transformed, the numbers of a row are bell-shaped, and the largest of 64 is some 2.5 deviations:
  /// a step is a fiftieth of a deviation, and the error 0.0057 of it. A score of deviation 2 is off by
  /// twice that, a weight by that share of itself, and the mixture of values, of which the heaviest has
  /// a good part, likewise: 0.01, and in a thousand numbers up to three times as much.
  @Test(arguments: Machine.sets, [8, 64, 80])
  func `attention is softmax over dot products within 0.03 of the values' size`(
    set: KernelSet, width: Int
  ) {
    var generator = SeededGenerator(seed: 43)
    for masks in [MaskKind.everything, .random, .emptyTiles] {
      let scene = Scene(heads: 3, width: width, tiles: 16, masks: masks, using: &generator)
      let result = scene.attended(by: set)
      for head in 0..<3 {
        let expected = scene.definition(head: head)
        for d in 0..<width {
          let mixed = Double(result.outputs[head * width + d])
          #expect(abs(mixed - expected[d]) < 0.03, "\(masks), head \(head), dimension \(d)")
        }
      }
    }
  }

  /// What a cache without the transform would lose: a dimension a hundred times as large as the others
  /// takes all the codes' range for itself.
  @Test(arguments: Machine.sets)
  func `an outlier costs the other dimensions little`(set: KernelSet) {
    var generator = SeededGenerator(seed: 46)
    var scene = Scene(heads: 1, width: 64, tiles: 16, masks: .everything, using: &generator)
    for key in scene.keys.indices { scene.keys[key][5] = 100 }
    let expected = scene.definition(head: 0)
    let result = scene.attended(by: set)
    for d in 0..<64 { #expect(abs(Double(result.outputs[d]) - expected[d]) < 0.15) }
  }

  @Test(arguments: Machine.sets)
  func `splits merged in order are attention over all of them`(set: KernelSet) throws {
    var generator = SeededGenerator(seed: 47)
    let whole = Scene(heads: 3, width: 48, tiles: 16, masks: .random, using: &generator)
    let parts = [0..<5, 5..<6, 6..<16].map { whole.part($0).result(by: set) }
    var merged = parts[0]
    for part in parts.dropFirst() { merged.merge(part, by: set) }
    let all = whole.attended(by: set)
    merged.finish(by: set)
    for (a, b) in zip(merged.outputs, all.outputs) { #expect(abs(a - b) < 1e-3) }
    // Every set merges to the same bits.
    var expected = try whole.part(0..<5).result(by: Machine.scalar)
    for part in parts.dropFirst() { expected.merge(part, by: try Machine.scalar) }
    expected.finish(by: try Machine.scalar)
    #expect(merged.bits == expected.bits)
  }

  @Test(arguments: Machine.sets, [6, 20, 48, 64])
  func `the Hadamard transform keeps products, and twice is a factor`(
    set: KernelSet, width: Int
  ) throws {
    var generator = SeededGenerator(seed: 48)
    let size = Int(ck_hadamard_size(Int32(width)))
    #expect(width % size == 0 && width / size % 2 == 1)
    let (x, y) = (
      RowKind.plain.numbers(3 * width, using: &generator),
      RowKind.plain.numbers(3 * width, using: &generator)
    )
    func product(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    func transformed(_ x: [Float], by set: KernelSet) -> [Float] {
      var x = x
      ck_hadamard(set.pointer, &x, 3, Int32(width))
      return x
    }
    let (u, v) = (transformed(x, by: set), transformed(y, by: set))
    #expect(abs(product(u, v) / Double(size) - product(x, y)) < 1e-3)
    for (a, b) in zip(transformed(u, by: set), x) { #expect(abs(a / Float(size) - b) < 1e-5) }
    #expect(u.bits == transformed(x, by: try Machine.scalar).bits)
  }
}
