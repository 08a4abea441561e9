import Dials
import Events
import Inference
import Kernels
import Techniques
import TestSupport
import Testing
import Tokenization
import Transformer

/// The laws on the default model, where it lies on this machine.
@Suite(.needsModel, .serialized)
struct RealModelTests {
  /// One thread: other tests run beside these, and a pool has to wait for its slowest member.
  private static let model = SharedData.model.flatMap { try? LoadedModel(path: $0, threads: 1) }

  private func engine() throws -> Engine {
    Engine(model: try #require(Self.model), contextLength: 512)
  }

  private func prompt(_ text: String, for engine: Engine) -> [TokenID] {
    var conversation = Conversation(template: engine.model.template)
    conversation.say(.user, text)
    return conversation.prompt(tokenizer: engine.model.tokenizer)
  }

  private static let questions = [
    "What is the capital of Australia?", "Write a short poem about the sea.",
    "Explain how a bicycle stays upright.",
  ]

  private static let samplers = [
    SessionRecord.Sampler(), SessionRecord.Sampler(temperature: 0.8, seed: 7),
  ]

  @Test(arguments: questions, samplers)
  func `breadth never changes text`(question: String, sampler: SessionRecord.Sampler) async throws {
    let engine = try engine()
    let prompt = prompt(question, for: engine)
    let plain = await engine.plainReply(to: prompt, limit: 48, sampler: sampler)
    #expect(plain.ids.count > 5)
    for exit in ["fixed 12", "fixed 25", "top1 0.6 at 15,20,25"] {
      let dials = DialSettings(exit: try ExitSetting.parse(exit, blockCount: 30))
      let reply = await engine.reply(
        to: TurnRequest(turn: 1, prompt: prompt, dials: dials, sampler: sampler, tokenLimit: 48))
      #expect(reply.evidence == plain.evidence, "\(exit)")
      #expect(reply.end?.reason == plain.end?.reason)
      #expect(reply.end?.timings.draftN ?? 0 > 0)
    }
  }

  @Test func `the greedy answer is that of the reference, and every token of it agrees`()
    async throws
  {
    let engine = try engine()
    let reply = await engine.reply(
      to: TurnRequest(
        turn: 1, prompt: prompt(Self.questions[0], for: engine), looks: .lens))
    #expect(engine.model.tokenizer.decode(reply.ids) == "The capital of Australia is Canberra.")
    #expect(reply.end?.reason == .stop)
    #expect(reply.tokens.last?.special == true)
    #expect(reply.probes.count == reply.tokens.count)
    #expect(reply.probes.allSatisfy { $0.agree && (1...30).contains($0.settled) })
    for token in reply.tokens {
      // The head's upper bits, and of few rows the rest.
      let share = Double(token.cost.bytesRead) / Double(engine.model.weights.byteCount)
      #expect(share > 0.88 && share < 1)
      #expect(token.cost.macs >= token.cost.macsFull)
      #expect(Double(token.cost.macs) < 1.01 * Double(token.cost.macsFull))
    }
  }

  @Test func `the text is the same on any number of threads and with a prefix cache`() async throws
  {
    let one = try engine()
    let prompt = prompt(Self.questions[1], for: one)
    let sampler = Self.samplers[1]
    let expected = await one.plainReply(to: prompt, limit: 12, sampler: sampler)
    for threads in [2, 3] {
      let path = try #require(SharedData.model)
      let engine = Engine(model: try LoadedModel(path: path, threads: threads), contextLength: 512)
      let reply = await engine.plainReply(to: prompt, limit: 12, sampler: sampler)
      #expect(reply.evidence == expected.evidence)
      // After an approximate answer, too, of which nothing but the prompt is kept.
      _ = await engine.reply(
        to: TurnRequest(
          turn: 1, prompt: prompt,
          dials: DialSettings(exit: .fixed(depth: 20), mode: .approximate), tokenLimit: 8))
      let again = await engine.plainReply(to: prompt, limit: 12, sampler: sampler)
      #expect(again.turn?.nCached == prompt.count - 1)
      #expect(again.evidence == expected.evidence)
      engine.shutDown()
    }
  }
}
