import Dials
import GGUF
import TestSupport
import Testing
import Transformer

/// A tiny model of which is known which token needs which block's feed-forward: block 1 does something for
/// tokens of one kind only, and block 0 nothing at all.
enum PlantedModel {
  /// Whether block 1 does something for a token.
  static func needsBig(_ token: TokenID) -> Bool { token.rawValue % 3 == 0 }

  /// Every third token has a mark in dimension 0, which the attention does not touch, and which block 1's
  /// one neuron looks at.
  static func file() throws -> GGUFFile {
    let plain = try TinyModel(blockCount: 2).file()
    var writer = GGUFWriter()
    for (key, value) in plain.metadata where key != "general.alignment" {
      writer.set(key, to: value)
    }
    for tensor in plain.tensors {
      var values = plain.dequantize(tensor)
      let width = tensor.shape[0]
      switch tensor.name {
      case "token_embd.weight":
        for token in 0..<values.count / width {
          values[token * width] = needsBig(TokenID(token)) ? 4 : 0
        }
      case let name where name.hasSuffix("attn_output.weight"):
        for index in 0..<width { values[index] = 0 }
      case "blk.1.ffn_gate.weight", "blk.1.ffn_up.weight":
        values = values.indices.map { $0 == 0 ? 1 : 0 }
      case "blk.1.ffn_down.weight":
        for index in values.indices where index < width || index % width != 0 { values[index] = 0 }
      case "blk.0.ffn_down.weight": values = values.map { _ in 0 }
      default: break
      }
      writer.add(
        name: tensor.name, shape: tensor.shape, type: .f32,
        bytes: try #require(TensorType.f32.quantize(values)))
    }
    return try GGUFFile(bytes: writer.bytes(), path: "planted.gguf")
  }
}
