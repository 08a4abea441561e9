import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Tokenization
import Transformer

@Suite struct StoriesTests {
  /// The text of llama2.c (Karpathy) for this model at temperature 0, from its doc/stories260K.md.
  @Test(
    .needsData("models/stories260K.gguf"))
  func `a model of other makers tells the story that llama2.c tells`() throws {
    let file = try GGUFFile(path: #require(SharedData.data("models/stories260K.gguf")))
    let tokenizer = try Tokenizer(metadata: file.metadata)
    var tokens = [try #require(tokenizer.bos)]
    try withPass(over: file, capacity: 100) { pass in
      for _ in 0..<60 {
        let logits = pass.decode(tokens.suffix(1))[0].floats
        tokens.append(TokenID(logits.firstIndex(of: logits.max() ?? 0) ?? -1))
      }
      let story = tokenizer.decode(tokens)
      let beginning =
        "Once upon a time, there was a little girl named Lily. "
        + "She loved to play outside in the park."
      #expect(story.drop { $0 == " " }.hasPrefix(beginning), "\(story)")
    }
    var reference = try ReferencePass(file: file)
    reference.roundsKeysAndValues = true
    let expected = reference.run(tokens.dropLast()).logits
    let logits = try withPass(over: file, capacity: 100) {
      $0.read(tokens.dropLast(), waves: [40])
    }
    // For the tolerance see PlainEqualsReferenceTests.
    #expect(Distance.relative(logits.map(\.floats), to: expected) < 3e-3)
  }
}
