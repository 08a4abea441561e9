import Corpus
import TestSupport
import Testing
import Tokenization
import Training

struct DataTests {
  @Test func `what the assistant says is learnt, its end included, and nothing else`() throws {
    let builder = try Self.builder()
    let messages = [
      ChatMessage(.user, "the one"), ChatMessage(.assistant, "and other"),
      ChatMessage(.user, "then"), ChatMessage(.assistant, "in"),
    ]
    let text = try #require(builder.texts(of: [.conversation(messages)]).first)
    let learnt = text.targets.map {
      builder.tokenizer.decode(text.tokens[$0], renderSpecial: true)
    }
    #expect(learnt == ["and other<|im_end|>", "in<|im_end|>"])
    #expect(
      text.tokens
        == builder.tokenizer.encode(
          chat: messages, template: builder.template, addGenerationPrompt: false))
    #expect(builder.texts(of: [.conversation([ChatMessage(.user, "alone")])]).isEmpty)
  }

  @Test func `an answer beyond the length is cut, one that begins beyond it is left out`() throws {
    var builder = try Self.builder()
    let row = DataRow.conversation([
      ChatMessage(.user, "ab"), ChatMessage(.assistant, String(repeating: "xyz ", count: 50)),
    ])
    let whole = try #require(builder.texts(of: [row]).first)
    builder.length = whole.targets[0].lowerBound + 7
    #expect(builder.texts(of: [row]).first?.targetCount == 7)
    builder.length = whole.targets[0].lowerBound
    #expect(builder.texts(of: [row]).isEmpty)
  }

  @Test func `answers to one prompt are on the same side of the split`() throws {
    var builder = try Self.builder()
    builder.heldOutShare = 0.3
    var sides: [Bool] = []
    for index in 0..<200 {
      let texts = builder.texts(
        of: ["yes", "no"].map {
          .conversation([ChatMessage(.user, "prompt \(index)"), ChatMessage(.assistant, $0)])
        })
      try #require(texts.count == 2)
      #expect(texts[0].isHeldOut == texts[1].isHeldOut)
      sides.append(texts[0].isHeldOut)
    }
    #expect((30...90).contains(sides.count { $0 }))
  }

  @Test func `a plain text is learnt whole, piece by piece`() throws {
    var builder = try Self.builder()
    builder.length = 16
    let text = String(repeating: "a whale is a fish. ", count: 12)
    let pieces = builder.texts(of: [.text(text)])
    let tokens = builder.tokenizer.encode(text)
    let learnt = pieces.flatMap(\.tokens)
    // A last piece of one token has nothing to predict.
    #expect(tokens.starts(with: learnt) && tokens.count - learnt.count <= 1)
    #expect(pieces.allSatisfy { $0.targets == [1..<$0.tokens.count] })
  }

  private static func builder() throws -> TextBuilder {
    let tokenizer = try Tokenizer(
      metadata: Dictionary(uniqueKeysWithValues: TinyModel().vocabulary.metadata))
    return TextBuilder(
      tokenizer: tokenizer, template: .chatML(defaultSystem: nil), length: 256)
  }
}
