import Dials
import Foundation
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// The highest logits from a coarse head are those of the whole head.
@Suite struct ExactHeadTests {
  @Test(arguments: [true, false])
  func `the highest logits are the whole head's, bit for bit, on every set and pool`(
    isTied: Bool
  ) throws {
    var generator = SeededGenerator(seed: 130)
    for seed in UInt64(130)..<134 {
      let file = try TinyModel(blockCount: 1, isTied: isTied, type: .q8_0, seed: seed).file()
      let tokens = randomTokens(12, using: &generator)
      for kernels in kernelSets {
        for workers in 1...3 {
          try withPass(over: file, kernels: kernels, workers: workers) { pass in
            pass.appendChain(tokens)
            pass.run(rows: 0..<12, blocks: 0..<1)
            for count in [1, 2, 3, 5, 10, 19] { pass.expectExactTop(count, rows: Array(0..<12)) }
          }
        }
      }
    }
  }

  /// Rows of the head that are another's but for one lowest bit somewhere: their logits differ by
  /// less than a coarse code can tell, or not at all.
  @Test func `near ties and ties are decided as the whole head decides them`() throws {
    var generator = SeededGenerator(seed: 131)
    var parts = try ModelParts(TinyModel(blockCount: 1, type: .q8_0, seed: 131))
    var head = try #require(parts.tensors["token_embd.weight"])
    let rowBytes = head.bytes.count / 300
    for token in 1..<300 where token % 3 > 0 {
      let original = Int.random(in: 0..<token, using: &generator)
      head.bytes.replaceSubrange(
        token * rowBytes..<(token + 1) * rowBytes,
        with: head.bytes[original * rowBytes..<(original + 1) * rowBytes])
      if token % 3 == 1 {
        let block = 34 * Int.random(in: 0..<rowBytes / 34, using: &generator)
        head.bytes[token * rowBytes + block + 2 + .random(in: 0..<32, using: &generator)] ^= 1
      }
    }
    parts.tensors["token_embd.weight"] = head
    let tokens = randomTokens(20, using: &generator)
    try withPass(over: parts.file(), workers: 2) { pass in
      pass.appendChain(tokens)
      pass.run(rows: 0..<20, blocks: 0..<1)
      for count in [1, 2, 3, 5, 10, 19] { pass.expectExactTop(count, rows: Array(0..<20)) }
    }
  }

  /// Scales of zero, of the smallest and of the largest number; what is none is refused with the file.
  @Test(arguments: [[0, 0], [1, 0], [0xff, 0x7b], [0xff, 0xfb]] as [[UInt8]])
  func `whatever a row of the head holds, the highest numbers are the whole head's`(
    scale: [UInt8]
  ) throws {
    var parts = try ModelParts(TinyModel(blockCount: 1, isTied: false, type: .q8_0, seed: 132))
    var head = try #require(parts.tensors["output.weight"])
    for token in [3, 77, 299] {
      head.bytes.replaceSubrange(token * 68..<token * 68 + 2, with: scale)
    }
    parts.tensors["output.weight"] = head
    try withPass(over: parts.file(), workers: 2) { pass in
      pass.appendChain((0..<9).map { TokenID($0 + 20) })
      pass.run(rows: 0..<9, blocks: 0..<1)
      for count in [1, 2, 5, 19] { pass.expectExactTop(count, rows: Array(0..<9)) }
    }
  }

  @Test func `a row's logits depend neither on its company nor on kernels and pool`() throws {
    var generator = SeededGenerator(seed: 133)
    let file = try TinyModel(blockCount: 1, type: .q8_0, seed: 133).file()
    let tokens = randomTokens(20, using: &generator)
    func bits(_ pass: ForwardPass, _ rows: [Int]) -> [[UInt32]] {
      let logits = pass.logits(rows: rows, exactTop: 3)
      return rows.indices.map { logits[$0].map(\.bitPattern) }
    }
    var expected: [[UInt32]]?
    for kernels in kernelSets {
      for workers in 1...3 {
        try withPass(over: file, kernels: kernels, workers: workers) { pass in
          pass.appendChain(tokens)
          pass.run(rows: 0..<20, blocks: 0..<1)
          let alone = (0..<20).map { bits(pass, [$0])[0] }
          #expect(bits(pass, Array(0..<20)) == alone)
          #expect(alone == expected ?? alone, "\(kernels), pool of \(workers)")
          expected = alone
        }
      }
    }
  }

  @Test func `the work is a look at the upper bits and the rows that were finished`() throws {
    let file = try TinyModel(blockCount: 1, type: .q8_0, seed: 135).file()
    try withPass(over: file, workers: 2) { pass in
      pass.appendChain((0..<8).map { TokenID($0 + 20) })
      pass.run(rows: 0..<8, blocks: 0..<1)
      let whole = pass.logitBits(0..<8)
      _ = pass.work.take()
      let logits = pass.logits(rows: Array(0..<8), exactTop: 1)
      let work = pass.work
      // 19 panels of 16 rows, 2 groups of 32 columns: five bits and a float16 a group, a float16 a row.
      let look = 19 * 16 * (2 * (20 + 2) + 2)
      let finished = (work.bytes - look) / 68
      #expect(work.bytes == look + finished * 68)
      #expect(work.macs == 64 * (300 * 8 + finished))
      let exact = (0..<8).reduce(0) { sum, row in
        sum + (0..<300).count { logits[row][$0].bitPattern == whole[row][$0] }
      }
      // The best coarse rows of each row are finished twice where they can reach the bar.
      #expect(finished >= 8 && finished <= exact + 8)
      #expect(exact < 8 * 300 / 2)
    }
  }

  @Test(arguments: [TensorType.f32, .q4_1, .q6K, .iq4_NL, .iq4_XS, .mxfp4])
  func `a head of another type gives all logits, with the work of all`(type: TensorType) throws {
    let file = try TinyModel(blockCount: 1, type: type).file()
    try withPass(over: file) { pass in
      pass.appendChain([TokenID(4), TokenID(5)])
      pass.run(rows: 0..<2, blocks: 0..<1)
      _ = pass.work.take()
      let whole = pass.logitBits(0..<2)
      let work = pass.work.take()
      for row in 0..<2 {
        let logits = pass.logits(rows: [row], exactTop: 1)
        #expect(logits.exactCount == nil)
        #expect(logits[0].map(\.bitPattern) == whole[row])
      }
      #expect(pass.work == work)
    }
  }

  /// Tokens without meaning, after which much is about as probable: an answer's leave far fewer rows.
  @Test(.needsModel, arguments: [1, 2])
  func `on the default model the highest logits are the whole head's, from few rows`(
    workers: Int
  ) throws {
    let file = try GGUFFile(path: #require(SharedData.model))
    try withPass(over: file, workers: workers) { pass in
      let text = (0..<40).map { TokenID(($0 * 7919 + 31) % 49152) }
      pass.appendChain(text)
      pass.run(rows: 0..<40, blocks: 0..<30)
      for rows in [[0], [39], Array(8..<16)] {
        for count in [1, 2, 5, 40, 100] { pass.expectExactTop(count, rows: rows) }
      }
      _ = pass.work.take()
      for row in 0..<40 { _ = pass.logits(rows: [row], exactTop: 1) }
      #expect(pass.work.bytes < 40 * pass.weights.head.byteCount * 9 / 10)
    }
  }
}

extension ForwardPass {
  /// Expects the `count` highest of each row, and all that equal the last of them, to have the bits and
  /// the places of the whole head's, and the others to be lower.
  fileprivate func expectExactTop(_ count: Int, rows: [Int]) {
    let whole = logits(rows: rows)
    let expected = rows.indices.map { whole.highest(count, row: $0) }
    let best = rows.indices.map { whole.argmax(row: $0) }
    let exact = logits(rows: rows, exactTop: count)
    for index in rows.indices {
      let highest = exact.highest(count, row: index)
      #expect(highest == expected[index], "\(count) highest of row \(rows[index])")
      #expect(exact.argmax(row: index) == best[index])
    }
  }
}

extension Logits {
  /// The tokens whose logits are at least the `count`-th highest, with their bits.
  fileprivate func highest(_ count: Int, row: Int) -> [Int: UInt32] {
    let values = Array(self[row])
    let sorted = values.filter { !$0.isNaN }.sorted(by: >)
    let last = sorted[count - 1]
    var highest: [Int: UInt32] = [:]
    for (token, value) in values.enumerated() where value >= last {
      highest[token] = value.bitPattern
    }
    return highest
  }
}
