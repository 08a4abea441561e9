package import Dials
import Events
package import Inference
import Kernels
import Tokenization
import Transformer

/// All measurements of a model's speed, load and memory.
package struct BenchJob {
  private let promptCounts: [Int]
  private let generatedCounts: [Int]
  private let depths: [Int]
  private let reach: ReachSetting
  private let repetitions: Int

  /// Tests of so many prompt tokens and so many written ones, each behind each of `depths` positions,
  /// `repetitions` times; counts of 0 are no tests.
  package init(
    promptCounts: [Int], generatedCounts: [Int], depths: [Int], reach: ReachSetting = .full,
    repetitions: Int
  ) {
    self.promptCounts = promptCounts.filter { $0 > 0 }
    self.generatedCounts = generatedCounts.filter { $0 > 0 }
    self.depths = depths
    self.reach = reach
    self.repetitions = repetitions
  }

  /// Prompt and generation tests at each depth.
  package var tests: [SpeedBenchmark.Test] {
    depths.flatMap { depth in
      promptCounts.map {
        SpeedBenchmark.Test(promptCount: $0, generatedCount: 0, depth: depth)
      }
        + generatedCounts.map {
          SpeedBenchmark.Test(promptCount: 0, generatedCount: $0, depth: depth)
        }
    }
  }

  /// Measures. `version` is the program's.
  package func run(_ model: LoadedModel, version: String) async -> BenchReport {
    let firstToken = await Self.millisecondsToFirstToken(of: model)
    let longest = tests.map { $0.depth + $0.promptCount + $0.generatedCount }.max() ?? 0
    let benchmark = SpeedBenchmark(model.runtime, capacity: longest + 64, reach: reach)
    let rows = tests.map {
      BenchRow(benchmark.run($0, repetitions: repetitions), model: model, version: version)
    }
    let cache = tests.map { benchmark.cacheBytes(after: $0) }.max() ?? 0
    let memory = ResidentMemory.ofThisProcess()
    let quick = benchmark.quickRowCosts()
    let table = benchmark.rowCosts(repetitions: repetitions)
    let deeper = depths.filter { $0 > 0 }.map {
      BenchReport.RowCosts.Deeper(
        depth: $0, costs: benchmark.rowCosts(repetitions: repetitions, depth: $0).costs)
    }
    return BenchReport(
      version: version, model: model, repetitions: repetitions, tests: rows,
      load: BenchReport.Load(model.load, firstToken: firstToken),
      memory: memory.map {
        .init($0, weightBytes: model.weights.storedByteCount, cacheBytes: cache)
      },
      rowCosts: .init(
        table, deeper: deeper, fixed: FixedCosts.of(model.kernels).rows, quick: quick.table,
        quickMs: quick.milliseconds),
      limits: MachineLimits(pool: model.pool, kernels: model.kernels))
  }

  /// The time from the loaded model to the first token of an answer to a short message.
  private static func millisecondsToFirstToken(of model: LoadedModel) async -> Double {
    let clock = ContinuousClock()
    let begin = clock.now
    var conversation = Conversation(template: model.template)
    conversation.say(.user, "Hello")
    let engine = Engine(model: model)
    let request = TurnRequest(
      turn: 1, prompt: conversation.prompt(tokenizer: model.tokenizer), tokenLimit: 1)
    for await record in engine.records(for: request) {
      if case .token = record { break }
    }
    return (clock.now - begin).milliseconds
  }
}
