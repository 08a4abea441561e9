import Dials
import Inference
import Synchronization
import TestSupport
import Testing

/// Who waits for a long prompt hears how far it is read.
struct PromptReadingTests {
  @Test func `what is heard of a long prompt grows and is never all, of a short one it is nothing`()
    async throws
  {
    let tiny = TinyModel(contextLength: 1200, seed: 9)
    let engine = Engine(model: try LoadedModel(file: tiny.file(), threads: 1))
    let heard = Mutex<[[Int]]>([])
    func hear(_ length: Int) async -> [[Int]] {
      heard.withLock { $0 = [] }
      let prompt = (0..<length).map { TokenID(3 + ($0 * 7 + length) % 250) }
      var request = TurnRequest(turn: 1, prompt: prompt, tokenLimit: 2)
      request.hearsReading = { read, count in heard.withLock { $0.append([read, count]) } }
      _ = await engine.reply(to: request)
      return heard.withLock { $0 }
    }
    let long = await hear(1100)
    #expect(!long.isEmpty)
    #expect(long.allSatisfy { $0[1] == 1100 && $0[0] > 0 && $0[0] < 1100 })
    #expect(zip(long, long.dropFirst()).allSatisfy { $0[0] < $1[0] })
    #expect(await hear(5).isEmpty)
  }
}
