import GGUF
import TestSupport
import Testing

@Suite struct RealFileTests {
  @Test(.needsModel)
  func `the default model is read whole`() throws {
    let file = try GGUFFile(path: #require(SharedData.model))
    #expect(file.sizeBytes == 98_362_432)
    #expect(file.tensors.count == 272)
    #expect(file.metadata["llama.block_count"]?.int == 30)
    #expect(file.metadata["llama.rope.freq_base"]?.double == 100_000)
    #expect(file.metadata["tokenizer.ggml.tokens"]?.array?.count == 49152)
    #expect(file.metadata["tokenizer.ggml.merges"]?.array?.last?.string?.contains(" ") == true)
    let embedding = try #require(file.tensor(named: "token_embd.weight"))
    #expect(embedding.type == .q8_0)
    #expect(embedding.rowLength == 576)
    #expect(embedding.rowCount == 49152)
    #expect(file.tensors.filter { $0.type == .q4_1 }.count == 210)
    let query = try #require(file.tensor(named: "blk.0.attn_q.weight"))
    let finite = file.dequantize(query).filter(\.isFinite)
    #expect(finite.count == query.elementCount)
  }

  @Test(
    .needsData("models/stories260K.gguf"))
  func `a file of other makers is read`() throws {
    let file = try GGUFFile(path: #require(SharedData.data("models/stories260K.gguf")))
    #expect(file.tensors.count == 47)
    #expect(Set(file.tensors.map(\.type)) == [.f32])
    #expect(file.metadata["general.architecture"]?.string == "llama")
  }
}
