import Dials
import Events
import Foundation
import GGUF
import Inference
import Kernels
import Techniques
import TestSupport
import Testing

/// Files that read well and make no sense.
struct DamagedModelTests {
  /// A model in whose file the numbers of a tensor are replaced: floats by `value`, scales by the greatest
  /// there are.
  private func model(
    _ tensor: String, filledWith value: Float = 3e38, type: TensorType = .f32
  ) throws -> LoadedModel {
    let file = try TinyModel(type: type, seed: 90).file()
    let info = try #require(file.tensor(named: tensor))
    var writer = GGUFWriter()
    for (key, value) in file.metadata.sorted(by: { $0.key < $1.key }) {
      writer.set(key, to: value)
    }
    for tensor in file.tensors {
      var bytes = file.withBytes(of: tensor) { Array($0) }
      if tensor.name == info.name, tensor.type != .f32 {
        for block in stride(from: 0, to: bytes.count, by: tensor.type.blockBytes) {
          bytes.replaceSubrange(block..<block + 2, with: [0xFF, 0x7B])
        }
      } else if tensor.name == info.name {
        bytes = (0..<tensor.elementCount).flatMap { _ in
          withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
        }
      }
      writer.add(name: tensor.name, shape: tensor.shape, type: tensor.type, bytes: bytes)
    }
    return try LoadedModel(
      file: try GGUFFile(bytes: writer.bytes(), path: "damaged.gguf"), threads: 1)
  }

  @Test func `a tensor that holds no numbers is named before anything is computed`() throws {
    for value in [Float.nan, .infinity] {
      let error = #expect(throws: EngineError.self) {
        try model("blk.2.ffn_down.weight", filledWith: value)
      }
      #expect(error?.code == .badModel)
      #expect(
        error?.message.contains("\"blk.2.ffn_down.weight\" holds an infinity or a NaN") == true)
    }
  }

  @Test(
    arguments: [TensorType.f32, .q8_0, .q4_1],
    ["output_norm.weight", "blk.0.attn_norm.weight", "blk.0.ffn_norm.weight"])
  func `a model that computes no numbers ends in an error that says so`(
    type: TensorType, tensor: String
  ) async throws {
    await expectError(of: try model(tensor, type: type))
  }

  @Test(arguments: ["token_embd.weight", "blk.1.ffn_down.weight", "blk.2.attn_output.weight"])
  func `so does one whose numbers are too large for their squares`(tensor: String) async throws {
    await expectError(of: try model(tensor, filledWith: 1e25))
  }

  private func expectError(of model: LoadedModel) async {
    for dials in [
      DialSettings.plain, DialSettings(exit: .fixed(depth: 1)),
      DialSettings(exit: .fixed(depth: 1), mode: .approximate),
    ] {
      for sampler in [
        SessionRecord.Sampler(), .init(temperature: 1), .init(temperature: 1, topK: 0),
        .init(repeatPenalty: 1.1),
      ] {
        let reply = await Engine(model: model).reply(
          to: TurnRequest(
            turn: 1, prompt: [TokenID(5), TokenID(6)], dials: dials, sampler: sampler,
            tokenLimit: 10, looks: .lens))
        #expect(reply.end?.reason == .error)
        #expect(reply.end?.message?.contains("not a number") == true)
        #expect(reply.tokens.isEmpty)
        #expect(reply.probes.isEmpty)
      }
    }
  }

  @Test func `a vocabulary of another size than the embedding is refused`() throws {
    let vocabulary = TinyModel().vocabulary.tokens
    for count in [vocabulary.count - 1, vocabulary.count + 1] {
      let tokens = (0..<count).map {
        MetadataValue.string(vocabulary.indices.contains($0) ? vocabulary[$0] : "more\($0)")
      }
      let tiny = TinyModel(metadata: [
        "tokenizer.ggml.tokens": .array(tokens),
        "tokenizer.ggml.token_type": .array(
          tokens.indices.map { .integer($0 < 3 ? 3 : 1) }),
        "tokenizer.ggml.merges": .array([.string("i n")]),
      ])
      let error = #expect(throws: EngineError.self) {
        try LoadedModel(file: tiny.file(), threads: 1)
      }
      #expect(error?.code == .badModel)
      #expect(error?.message.contains("tokenizer.ggml.tokens") == true)
    }
  }

  @Test func `a missing file and a damaged one are told apart`() throws {
    #expect(throws: EngineError.self) { try LoadedModel(path: "/nowhere.gguf", threads: 1) }
    let missing = #expect(throws: EngineError.self) {
      try LoadedModel(path: "/nowhere.gguf", threads: 1)
    }
    #expect(missing?.code == .missingFile)
    #expect(missing?.message.contains("/nowhere.gguf") == true)
    var other = TinyModel()
    other.metadata["general.architecture"] = .string("mamba")
    let unknown = #expect(throws: EngineError.self) {
      try LoadedModel(file: other.file(), threads: 1)
    }
    #expect(unknown?.code == .badModel)
    #expect(unknown?.message.contains("mamba") == true)
  }
}
