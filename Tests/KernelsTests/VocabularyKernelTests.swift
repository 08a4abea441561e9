import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct VocabularyKernelTests {
  /// Logits with many ties; with infinities; with none.
  private enum Kind: CaseIterable {
    case plain
    case ties
    case infinite
    case descending

    func numbers(_ count: Int, using generator: inout SeededGenerator) -> [Float] {
      (0..<count).map { k in
        switch self {
        case .plain: generator.nextNormal() * 10
        case .ties: Float.random(in: 0...2, using: &generator).rounded()
        case .infinite: k % 3 == 0 ? -.infinity : generator.nextNormal()
        case .descending: Float(-k)
        }
      }
    }
  }

  @Test(arguments: Machine.sets)
  func `the two largest are those of a sorted list, the first of equals winning`(set: KernelSet) {
    var generator = SeededGenerator(seed: 30)
    for count in [1, 2, 15, 16, 17, 40, 300, 4097] {
      for kind in Kind.allCases {
        let x = kind.numbers(count, using: &generator)
        let sorted = x.sorted(by: >)
        let top = x.withUnsafeBufferPointer { set.top2($0) }
        #expect(top.first == sorted[0], "\(kind), \(count)")
        #expect(top.second == (count > 1 ? sorted[1] : -.infinity), "\(kind), \(count)")
        // Of nothing but minus infinity the index is 0.
        #expect(top.index == x.firstIndex(of: sorted[0]), "\(kind), \(count)")
      }
    }
  }

  @Test(arguments: Machine.sets)
  func `the next value that is large enough is found, from any place on`(set: KernelSet) {
    var generator = SeededGenerator(seed: 33)
    for count in [1, 15, 63, 64, 65, 127, 128, 300, 4097] {
      for kind in Kind.allCases {
        var x = kind.numbers(count, using: &generator)
        x[count / 2] = .nan
        let bars = [x[0], x.filter { !$0.isNaN }.max() ?? 0, .infinity, -.infinity, .nan]
        for bar in bars {
          for first in [0, 1, count / 3, count - 1, count] {
            let found = x.withUnsafeBufferPointer {
              set.nextIndex(in: $0, from: first, atLeast: bar)
            }
            #expect(found == x[first...].firstIndex { $0 >= bar } ?? count)
          }
        }
      }
    }
  }

  @Test(arguments: Machine.vectorSets)
  func `every set sums a softmax to the same bits`(set: KernelSet) throws {
    let scalar = try Machine.scalar
    var generator = SeededGenerator(seed: 31)
    for count in [1, 3, 16, 31, 100, 4099] {
      let x = Kind.plain.numbers(count, using: &generator)
      let maximum = x.max() ?? 0
      let a = x.withUnsafeBufferPointer { set.softmaxSums($0, maximum: maximum) }
      let b = x.withUnsafeBufferPointer { scalar.softmaxSums($0, maximum: maximum) }
      #expect(a.sum.bitPattern == b.sum.bitPattern)
      #expect(a.weighted.bitPattern == b.weighted.bitPattern)
    }
  }

  /// Each term has the exponential's relative error of 3e-7 and one more rounding.
  @Test(arguments: Machine.sets)
  func `the sums of a softmax are those of their definition`(set: KernelSet) {
    var generator = SeededGenerator(seed: 32)
    let x = Kind.plain.numbers(3001, using: &generator)
    let maximum = x.max() ?? 0
    let sums = x.withUnsafeBufferPointer { set.softmaxSums($0, maximum: maximum) }
    let shifted = x.map { Double($0 - maximum) }
    let sum = shifted.reduce(0) { $0 + exp($1) }
    let weighted = shifted.reduce(0) { $0 + exp($1) * $1 }
    #expect(abs(sums.sum / sum - 1) < 4e-7)
    #expect(abs(sums.weighted / weighted - 1) < 4e-7)
  }
}
