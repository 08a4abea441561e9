import Dials
import Foundation
import GGUF
import Pruning
import TestSupport
import Testing

struct HuggingFaceFolderTests {
  /// What lies in a folder that was written.
  private struct Written {
    var config: JSONValue
    var header: JSONValue
    var numbers: Data
    var files: [String]
    var notices: [String]

    /// The numbers of a tensor that is stored as float32.
    func tensor(_ name: String) throws -> [Float] {
      let entry = try #require(header[name])
      guard case .array(let ends)? = entry["data_offsets"], case .number(let start) = ends[0],
        case .number(let end) = ends[1]
      else { return [] }
      let bytes = [UInt8](numbers[numbers.startIndex + Int(start)..<numbers.startIndex + Int(end)])
      return bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }
  }

  private func write(
    _ model: TinyModel, without blocks: [Int], as type: SafetensorsFile.NumberType = .float32
  ) async throws -> Written {
    let pruned = try PrunedFile(model.file(), without: BlockSet(indices: blocks))
    return try await withTemporaryFolder { folder in
      let path = folder + "/model"
      let notices = try HuggingFaceFolder(pruned, type: type).write(to: path)
      let data = try Data(contentsOf: URL(filePath: path + "/model.safetensors"))
      let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      return Written(
        config: try JSONValue(parsing: Data(contentsOf: URL(filePath: path + "/config.json"))),
        header: try JSONValue(parsing: data[8..<8 + length]), numbers: data[(8 + length)...],
        files: try FileManager.default.contentsOfDirectory(atPath: path).sorted(),
        notices: notices)
    }
  }

  @Test func `the folder holds what transformers looks for`() async throws {
    let written = try await write(TinyModel(blockCount: 5), without: [1, 2])
    #expect(
      written.files == [
        "config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
        "tokenizer_config.json",
      ])
    #expect(written.notices.isEmpty)
    #expect(written.config["num_hidden_layers"] == .number(3))
    #expect(written.config["model_type"] == .string("llama"))
    #expect(written.config["num_key_value_heads"] == .number(2))
    #expect(written.config["tie_word_embeddings"] == .boolean(true))
    #expect(written.config["rms_norm_eps"] == .number(1e-05))
    #expect(written.config["eos_token_id"] == .number(2))
  }

  @Test func `tensors lie one after another, in the blocks' new order`() async throws {
    let model = TinyModel(blockCount: 4, isTied: false)
    let file = try model.file()
    let written = try await write(model, without: [0, 2])
    for (new, old) in [(0, 1), (1, 3)] {
      let tensor = try #require(file.tensor(named: "blk.\(old).ffn_down.weight"))
      #expect(
        try written.tensor("model.layers.\(new).mlp.down_proj.weight") == file.dequantize(tensor))
    }
    let head = try #require(file.tensor(named: "output.weight"))
    #expect(try written.tensor("lm_head.weight") == file.dequantize(head))
    #expect(written.header["model.layers.2.mlp.down_proj.weight"] == nil)
    #expect(written.config["tie_word_embeddings"] == .boolean(false))
  }

  @Test func `rows of queries and keys are halves again`() async throws {
    let model = TinyModel(blockCount: 1, width: 64, headCount: 4, keyValueHeadCount: 2)
    let file = try model.file()
    let written = try await write(model, without: [])
    for (name, place, heads) in [("attn_q", "q_proj", 4), ("attn_k", "k_proj", 2)] {
      let tensor = try #require(file.tensor(named: "blk.0.\(name).weight"))
      let source = file.dequantize(tensor)
      let result = try written.tensor("model.layers.0.self_attn.\(place).weight")
      // Row i of the first half and of the second become rows 2i and 2i + 1, as llama.cpp's converter
      // has it.
      for head in 0..<heads {
        for pair in 0..<8 {
          for second in 0..<2 {
            let from = (head * 16 + second * 8 + pair) * 64
            let to = (head * 16 + 2 * pair + second) * 64
            #expect(Array(result[from..<from + 64]) == Array(source[to..<to + 64]))
          }
        }
      }
    }
  }

  @Test func `half precision takes half the room`() async throws {
    let whole = try await write(TinyModel(blockCount: 2), without: [])
    let half = try await write(TinyModel(blockCount: 2), without: [], as: .float16)
    #expect(half.numbers.count * 2 == whole.numbers.count)
    #expect(half.config["torch_dtype"] == .string("float16"))
    #expect(half.header["model.norm.weight"]?["dtype"] == .string("F16"))
  }

  @Test func `a vocabulary of another kind is left out with a word`() async throws {
    let written = try await write(
      TinyModel(blockCount: 2, metadata: ["tokenizer.ggml.pre": .string("falcon")]), without: [])
    #expect(!written.files.contains("tokenizer.json"))
    #expect(written.notices.count == 1)
  }
}
