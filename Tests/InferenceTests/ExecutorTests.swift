import Dials
import Events
import Foundation
import GGUF
import Inference
import Kernels
import Techniques
import TestSupport
import Testing

extension Engine {
  /// The thread that the engine's jobs run on.
  fileprivate func thread() -> ObjectIdentifier { ObjectIdentifier(Thread.current) }

  /// Adds to a count that only the engine's jobs touch, slowly enough to be seen in between.
  fileprivate func add(to count: Count) {
    let before = count.value
    sched_yield()
    count.value = before + 1
  }
}

/// A count that is safe only where one job runs at a time.
private final class Count: Sendable {
  nonisolated(unsafe) var value = 0
}

struct ExecutorTests {
  @Test func `the engine's jobs run one after another on a thread of its own`() async throws {
    let engine = try Engine(tiny: TinyModel(blockCount: 1))
    let other = try Engine(tiny: TinyModel(blockCount: 1))
    let count = Count()
    let own = await engine.thread()
    #expect(await other.thread() != own)
    await withTaskGroup { group in
      for _ in 0..<200 {
        group.addTask {
          let thread = await engine.thread()
          #expect(thread == own)
          await engine.add(to: count)
        }
      }
    }
    #expect(count.value == 200)
  }

  @Test func `engines come and go, and their threads with them`() async throws {
    let before = Self.engineThreads()
    let model = try LoadedModel(file: TinyModel(blockCount: 1).file(), threads: 1)
    for _ in 0..<100 {
      let reply = await Engine(model: model, contextLength: 64).plainReply(
        to: [TokenID(5)], limit: 3)
      #expect(reply.ids.count > 0)
    }
    // Engines that are dropped with an answer under way, too.
    for _ in 0..<20 {
      let engine = Engine(model: model, contextLength: 64)
      for await _ in engine.records(for: .init(turn: 1, prompt: [TokenID(5)])) { break }
    }
    // A thread ends soon after its engine; other tests have engines of their own.
    for _ in 0..<200 where Self.engineThreads() > before + 20 {
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(Self.engineThreads() <= before + 20)
  }

  /// How many threads of engines there are; 0 where the system does not say.
  private static func engineThreads() -> Int {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    return tasks.count {
      let name = try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)
      return name?.hasPrefix("fathom-engine") == true
    }
  }

  @Test(.slow, arguments: [1, 2])
  func `engines of one model at the same time give the same text`(threads: Int) async throws {
    let tiny = TinyModel(blockCount: 4, isTied: false, type: .q4_1, seed: 99)
    var generator = SeededGenerator(seed: 99)
    let prompt = TinyModel.prompt(using: &generator)
    let expected = await (try Engine(tiny: tiny)).plainReply(to: prompt, limit: 100)
    let model = try LoadedModel(file: tiny.file(), threads: threads)
    defer { model.pool.dismiss() }
    await withTaskGroup { group in
      for _ in 0..<4 {
        group.addTask {
          let engine = Engine(model: model)
          for _ in 0..<5 {
            let reply = await engine.plainReply(to: prompt, limit: 100)
            #expect(reply.evidence == expected.evidence)
          }
        }
      }
    }
  }

  @Test(.slow) func `the text is the same on any number of threads and any kernels`() async throws {
    var generator = SeededGenerator(seed: 98)
    for type in [TensorType.f32, .f16, .bf16, .q4_0, .q4_1, .q5_1, .q8_0, .q4K, .q6K] {
      let tiny = TinyModel(blockCount: 2, type: type, embeddingType: .q8_0, seed: generator.next())
      let prompt = TinyModel.prompt(using: &generator)
      let sampler = SessionRecord.Sampler.random(using: &generator)
      let dials = DialSettings.random(.identical, blockCount: 2, using: &generator)
      let request = TurnRequest(
        turn: 1, prompt: prompt, dials: dials, sampler: sampler, tokenLimit: 12)
      let expected = await (try Engine(tiny: tiny)).plainReply(
        to: prompt, limit: 12, sampler: sampler)
      for name in KernelSet.names {
        guard let kernels = KernelSet(named: name) else { continue }
        for threads in 1...3 {
          let engine = try Engine(tiny: tiny, threads: threads, kernels: kernels)
          #expect(
            await engine.reply(to: request).evidence == expected.evidence,
            "\(type) \(name) \(threads)")
          engine.shutDown()
        }
      }
    }
  }
}
