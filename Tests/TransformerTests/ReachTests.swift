import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// What attention sees under a window: LM-Infinite, StreamingLLM's positions, and the plain window.
@Suite struct ReachTests {
  /// Windows and first positions, around the borders of tiles and splits.
  static let settings = [
    ReachSetting(.lambda, window: 1, sinks: 1), ReachSetting(.lambda, window: 7, sinks: 3),
    ReachSetting(.lambda, window: 16, sinks: 16), ReachSetting(.lambda, window: 40, sinks: 17),
    ReachSetting(.lambda, window: 255, sinks: 4), ReachSetting(.lambda, window: 257, sinks: 100),
    ReachSetting(.lambda, window: 33, sinks: 5, distance: .cacheIndex),
    ReachSetting(.sliding, window: 1), ReachSetting(.sliding, window: 50),
  ]

  @Test(arguments: settings)
  func `reach equals the masked reference`(reach: ReachSetting) throws {
    var generator = SeededGenerator(seed: 300)
    let file = try TinyModel(blockCount: 2, seed: 300).file()
    let tokens = randomTokens(330, using: &generator)
    var reference = try ReferencePass(file: file)
    reference.roundsKeysAndValues = true
    reference.reach = reach
    let expected = reference.run(tokens).logits
    let logits = try withPass(over: file) { pass in
      pass.reset(reach: reach)
      return pass.read(tokens, waves: [1, 1, 3, 8, 9, 20, 40])
    }
    let floats = logits.map(\.floats)
    #expect(Distance.relative(floats, to: expected) < 3e-3)
    // Another window is another answer: the comparison can tell.
    reference.reach.window += 1
    #expect(Distance.relative(floats, to: reference.run(tokens).logits) > 1e-2)
  }

  @Test func `the distance of the first positions is not lost on the reference`() throws {
    var generator = SeededGenerator(seed: 301)
    let file = try TinyModel(blockCount: 2, seed: 301).file()
    let tokens = randomTokens(120, using: &generator)
    var reference = try ReferencePass(file: file)
    reference.reach = ReachSetting(.lambda, window: 20, sinks: 8)
    let capped = reference.run(tokens).logits
    reference.reach.distance = .cacheIndex
    let other = reference.run(tokens).logits
    #expect(Distance.relative(other.map { $0.map { Float($0) } }, to: capped) > 1e-2)
  }

  @Test(arguments: [0, 5, 300])
  func `a window as long as the text is full attention, bit for bit`(sinks: Int) throws {
    var generator = SeededGenerator(seed: 302)
    let file = try TinyModel(blockCount: 2, type: .q4_1, seed: 302).file()
    let tokens = randomTokens(300, using: &generator)
    try withPass(over: file, capacity: 300) { pass in
      let full = pass.read(tokens, waves: [1, 30, 7])
      let cache = pass.cacheBits
      for window in [300, 301, 1000] {
        for distance in ReachSetting.Distance.allCases {
          pass.reset(
            reach: ReachSetting(.lambda, window: window, sinks: sinks, distance: distance))
          #expect(pass.read(tokens, waves: [40, 3]) == full)
          #expect(pass.cacheBits == cache)
        }
        pass.reset(reach: ReachSetting(.sliding, window: window))
        #expect(pass.read(tokens, waves: [40, 3]) == full)
      }
      pass.reset(reach: .full)
      #expect(pass.read(tokens, waves: [40, 3]) == full)
    }
  }

  @Test func `without first positions all techniques are the plain window`() throws {
    var generator = SeededGenerator(seed: 303)
    let file = try TinyModel(blockCount: 2, type: .q8_0, seed: 303).file()
    let tokens = randomTokens(90, using: &generator)
    try withPass(over: file) { pass in
      pass.reset(reach: ReachSetting(.sliding, window: 21))
      let plain = pass.read(tokens, waves: [9])
      for distance in ReachSetting.Distance.allCases {
        pass.reset(reach: ReachSetting(.lambda, window: 21, sinks: 0, distance: distance))
        #expect(pass.read(tokens, waves: [9]) == plain)
      }
      pass.reset(reach: ReachSetting(.lambda, window: 21, sinks: 1))
      #expect(pass.read(tokens, waves: [9]) != plain)
    }
  }

  @Test(arguments: settings)
  func `rows are invariant under a window, for any split, kernels and pool`(
    reach: ReachSetting
  ) throws {
    var generator = SeededGenerator(seed: 304)
    let file = try TinyModel(blockCount: 2, type: .q4_1, seed: 304).file()
    let tokens = randomTokens(340, using: &generator)
    let alone = try withPass(over: file) { pass in
      pass.reset(reach: reach)
      return pass.decode(tokens)
    }
    for kernels in kernelSets {
      for workers in 1...2 {
        let waves = (0..<340).map { _ in Int.random(in: 1...40, using: &generator) }
        let together = try withPass(over: file, kernels: kernels, workers: workers) { pass in
          pass.reset(reach: reach)
          return pass.read(tokens, waves: waves)
        }
        #expect(together == alone, "\(kernels), pool of \(workers)")
      }
    }
  }

  @Test func `what a row saw is told, and its share on the first positions`() throws {
    // Without keys every position in view gets the same share.
    var parts = try ModelParts(TinyModel(blockCount: 3, seed: 305))
    for block in 0..<3 {
      let name = "blk.\(block).attn_k.weight"
      let count = try #require(parts.tensors[name]).bytes.count
      parts.tensors[name]?.bytes = [UInt8](repeating: 0, count: count)
    }
    var generator = SeededGenerator(seed: 305)
    let tokens = randomTokens(60, using: &generator)
    try withPass(over: parts.file()) { pass in
      pass.reset(reach: ReachSetting(.lambda, window: 12, sinks: 4))
      for size in [1, 7, 24] {
        pass.truncate(to: 0)
        var rest = tokens[...]
        while !rest.isEmpty {
          let part = rest.prefix(size)
          pass.appendChain(part)
          pass.run(rows: 0..<part.count, blocks: 0..<3)
          for position in part.indices {
            let reading = pass.reading(row: position - part.startIndex)
            let sinks = max(0, min(4, position - 11))
            #expect(reading.attended == min(position + 1, 12) + sinks)
            #expect(reading.unseen == position + 1 - reading.attended)
            let share = Float(sinks) / Float(12 + sinks)
            #expect(
              sinks == 0 ? reading.sinkShare == nil : abs((reading.sinkShare ?? 0) - share) < 1e-4)
          }
          pass.commit(path: Array(0..<part.count))
          rest = rest.dropFirst(size)
        }
      }
    }
  }
}
