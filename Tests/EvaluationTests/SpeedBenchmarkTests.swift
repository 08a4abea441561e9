import Evaluation
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

struct SpeedBenchmarkTests {
  private func benchmark(_ capacity: Int) throws -> SpeedBenchmark {
    let pool = ThreadPool(count: 1)
    let weights = try Weights(file: TinyModel(blockCount: 2).file(), pool: pool)
    return SpeedBenchmark(ModelRuntime(weights: weights, pool: pool), capacity: capacity)
  }

  @Test func `each counted repetition leaves one sample, the warm-up none`() throws {
    let benchmark = try benchmark(64)
    for repetitions in [0, 1, 5] {
      let test = SpeedBenchmark.Test(promptCount: 16, generatedCount: 4)
      let result = benchmark.run(test, repetitions: repetitions)
      #expect(result.samples.count == repetitions)
      #expect(result.samples.allSatisfy { $0 > 0 })
      #expect(result.test == test)
    }
  }

  @Test func `a rate is the tokens of the test over its time, those before it not counted`() {
    let result = SpeedBenchmark.Result(
      test: SpeedBenchmark.Test(promptCount: 30, generatedCount: 10, depth: 1000),
      samples: [1e9, 5e8])
    #expect(result.rates == [40, 80])
  }

  @Test func `a prompt longer than a pass, at a depth, fits a capacity of exactly its positions`()
    throws
  {
    let benchmark = try benchmark(300 + 290 + 10)
    let test = SpeedBenchmark.Test(promptCount: 290, generatedCount: 10, depth: 300)
    #expect(benchmark.run(test, repetitions: 1).samples.count == 1)
  }

  @Test(arguments: [
    (512, 0, 0, "pp512"), (0, 128, 0, "tg128"), (0, 128, 1024, "tg128 @ d1024"),
    (512, 128, 0, "pp512+tg128"),
  ])
  func `a test is named as llama-bench names it`(
    prompt: Int, generated: Int, depth: Int, name: String
  ) {
    let test = SpeedBenchmark.Test(
      promptCount: prompt, generatedCount: generated, depth: depth)
    #expect(test.name == name)
  }
}
