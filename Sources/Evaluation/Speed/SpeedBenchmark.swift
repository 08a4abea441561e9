package import Dials
import Reports
package import Transformer

/// How fast a model reads and writes, measured as llama-bench does: each test once to warm up, then
/// `repetitions` times; the cache is emptied before each.
package struct SpeedBenchmark {
  /// What is measured.
  package struct Test: Hashable, Sendable {
    /// Prompt tokens read.
    package var promptCount: Int
    /// Tokens written one at a time after that.
    package var generatedCount: Int
    /// Positions in the cache before the clock starts.
    package var depth: Int

    /// A test.
    package init(promptCount: Int, generatedCount: Int, depth: Int = 0) {
      self.promptCount = promptCount
      self.generatedCount = generatedCount
      self.depth = depth
    }

    /// As llama-bench names it: `pp512`, `tg128`, `tg128 @ d1024`.
    package var name: String {
      var parts: [String] = []
      if promptCount > 0 { parts.append("pp\(promptCount)") }
      if generatedCount > 0 { parts.append("tg\(generatedCount)") }
      return parts.joined(separator: "+") + (depth > 0 ? " @ d\(depth)" : "")
    }
  }

  /// What a test took.
  package struct Result: Hashable, Sendable {
    /// The test.
    package var test: Test
    /// Nanoseconds of each repetition.
    package var samples: [Double]
    /// The work of one repetition.
    package var work: Work

    /// A result.
    package init(test: Test, samples: [Double], work: Work = Work()) {
      (self.test, self.samples, self.work) = (test, samples, work)
    }

    /// Tokens per second of each repetition.
    package var rates: [Double] {
      let count = Double(test.promptCount + test.generatedCount)
      return samples.map { count * 1e9 / $0 }
    }
  }

  private let pass: ForwardPass
  private let route: Route

  /// A benchmark of a model without `pruned` for tests of up to `capacity` positions.
  package init(
    _ runtime: ModelRuntime, capacity: Int, pruned: BlockSet = .none, reach: ReachSetting = .full
  ) {
    route = Route(pruned: pruned)
    pass = ForwardPass(runtime, capacity: capacity, reach: reach)
  }

  /// Bytes of the keys and values that a test leaves in the cache.
  package func cacheBytes(after test: Test) -> Int {
    pass.cache.byteCount(positions: test.depth + test.promptCount + test.generatedCount)
  }

  /// Runs a test `repetitions` times after a warm-up.
  package func run(_ test: Test, repetitions: Int) -> Result {
    var samples: [Double] = []
    for repetition in 0...repetitions {
      pass.truncate(to: 0)
      read(test.depth)
      pass.work = Work()
      let clock = ContinuousClock()
      let begin = clock.now
      read(test.promptCount)
      write(test.generatedCount)
      let time = (clock.now - begin).components
      if repetition > 0 {
        samples.append(Double(time.seconds) * 1e9 + Double(time.attoseconds) / 1e9)
      }
    }
    return Result(test: test, samples: samples, work: pass.work)
  }

  /// What passes of several rows, in two chains side by side, cost behind `depth` positions: median
  /// times of whole passes, the whole head included (rows without meaning would leave too much of a
  /// coarse one to finish), the counts taken in turn so that a drift of the machine meets them all.
  package func rowCosts(repetitions: Int, depth: Int = 16) -> CostTable {
    pass.truncate(to: 0)
    read(depth)
    var samples = CostTable.measuredCounts.map { _ in [Double]() }
    for repetition in 0...repetitions {
      for (index, count) in CostTable.measuredCounts.enumerated() {
        let time = seconds(forRows: count)
        if repetition > 0 { samples[index].append(time) }
      }
    }
    return CostTable(times: samples.map(\.median))
  }

  /// The same as a session measures it that sizes its trees by the clock, in a few milliseconds, and how
  /// many.
  package func quickRowCosts() -> (table: CostTable, milliseconds: Double) {
    pass.truncate(to: 0)
    let clock = ContinuousClock()
    let begin = clock.now
    let table = CostTable(measuredOn: pass)
    return (table, (clock.now - begin) / .milliseconds(1))
  }

  private func seconds(forRows count: Int) -> Double {
    let start = pass.cache.committedCount
    for row in 0..<count {
      pass.append(
        Row(
          token: token(at: start + row), position: Position(start + (row + 1) / 2),
          parent: row == 0 ? nil : max(0, row - 2)))
    }
    let clock = ContinuousClock()
    let begin = clock.now
    pass.run(rows: 0..<count, blocks: 0..<pass.blockCount, route: route)
    _ = pass.logits(rows: Array(0..<count))
    let time = (clock.now - begin).components
    pass.discard()
    return Double(time.seconds) + Double(time.attoseconds) / 1e18
  }

  /// Tokens that have no meaning, always the same.
  private func token(at position: Int) -> TokenID {
    TokenID((position * 7919 + 31) % pass.weights.blueprint.vocabularyCount)
  }

  /// Reads `count` tokens at full depth, with the logits of the last.
  private func read(_ count: Int) {
    let start = pass.cache.committedCount
    let tokens = (start..<start + count).map(token)
    pass.read(tokens[...], route: route) { part in
      if part.isLast { _ = pass.logits(rows: [part.rows.count - 1], exactTop: 1) }
    }
  }

  /// Writes `count` tokens, each the most probable after the last.
  private func write(_ count: Int) {
    var next = token(at: pass.cache.committedCount)
    for _ in 0..<count {
      pass.append(Row(token: next, position: Position(pass.cache.committedCount), parent: nil))
      pass.run(rows: 0..<1, blocks: 0..<pass.blockCount, route: route)
      next = pass.logits(rows: [0], exactTop: 1).argmax(row: 0)
      pass.commit(path: [0], route: route)
    }
  }
}
