import GGUF
import TestSupport
import Testing

@Suite struct TinyModelTests {
  @Test(arguments: TensorType.allCases)
  func `a tiny model of every type is a sound file whose weights keep activations near one`(
    type: TensorType
  ) throws {
    let file = try TinyModel(isTied: false, type: type).file()
    #expect(file.tensors.count == 3 + 4 * 9)
    for tensor in file.tensors where tensor.shape.count == 2 {
      let numbers = file.dequantize(tensor)
      let scale = Double(tensor.rowLength)
      let squares = numbers.reduce(0) { $0 + Double($1) * Double($1) } / Double(numbers.count)
      let mean = numbers.reduce(0) { $0 + Double($1) } / Double(numbers.count)
      #expect((0.8...1.25).contains((squares * scale).squareRoot()), "\(tensor.name)")
      #expect(abs(mean) * scale.squareRoot() < 0.15, "\(tensor.name)")
    }
  }

  @Test func `a tiny model is the same for the same seed and another for another`() {
    #expect(TinyModel(type: .q4_1, seed: 3).bytes() == TinyModel(type: .q4_1, seed: 3).bytes())
    #expect(TinyModel(type: .q4_1, seed: 3).bytes() != TinyModel(type: .q4_1, seed: 4).bytes())
  }

  @Test func `the tiny vocabulary has 300 different tokens, each merge made of earlier ones`()
    throws
  {
    let vocabulary = TinyModel().vocabulary
    #expect(Set(vocabulary.tokens).count == 300)
    #expect(vocabulary.tokens.count == 300)
    for (index, merge) in vocabulary.merges.enumerated() {
      for part in merge.split(separator: " ") {
        let id = try #require(vocabulary.tokens.firstIndex(of: String(part)), "\(merge)")
        #expect(id < 259 + index, "\(merge)")
      }
    }
  }

  @Test func `metadata given to a tiny model overrides its own`() throws {
    let file = try TinyModel(metadata: ["llama.block_count": .string("four")]).file()
    #expect(file.metadata["llama.block_count"] == .string("four"))
    #expect(file.metadata["llama.embedding_length"]?.int == 64)
  }
}
