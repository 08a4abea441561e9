import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// Weights that are no numbers: the tensor is named before a token is computed.
struct NotFiniteTests {
  private let pool = ThreadPool(count: 2)

  /// The error of a model with these parts.
  private func refusal(_ parts: ModelParts) throws -> ModelError? {
    let file = try parts.file()
    do {
      _ = try Weights(file: file, pool: pool)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [
    "token_embd", "output", "output_norm", "blk.0.attn_norm", "blk.1.attn_q", "blk.0.attn_k",
    "blk.1.attn_v", "blk.0.attn_output", "blk.1.ffn_norm", "blk.0.ffn_gate", "blk.1.ffn_up",
    "blk.0.ffn_down",
  ])
  func `a NaN or an infinity in any tensor is named`(name: String) throws {
    let sound = try ModelParts(TinyModel(blockCount: 2, isTied: false))
    #expect(try refusal(sound) == nil)
    for value in [Float.nan, .infinity, -.infinity] {
      var parts = sound
      var tensor = try #require(parts.tensors["\(name).weight"])
      let place = tensor.bytes.count - 4
      for byte in 0..<4 {
        tensor.bytes[place + byte] = UInt8(value.bitPattern >> (8 * byte) & 0xFF)
      }
      parts.tensors["\(name).weight"] = tensor
      let error = try refusal(parts)
      #expect(error?.code == .notFinite && error?.place == "\(name).weight")
      let rows = tensor.shape.dropFirst().reduce(1, *)
      #expect(error?.message.contains("row \(rows - 1) of \(rows)") == true)
    }
  }

  @Test(arguments: TensorType.allCases.filter { !$0.isFloat })
  func `a scale of a quantised block that is no number is named`(type: TensorType) throws {
    var parts = try ModelParts(TinyModel(blockCount: 2, type: type))
    for name in ["blk.1.ffn_up.weight", "token_embd.weight"] {
      let sound = try #require(parts.tensors[name])
      let place: Int
      switch type {
      case .q2K: place = 80
      case .q3K: place = 108
      case .q6K: place = 208
      default: place = 0
      }
      let start = 5 * type.blockBytes + place
      let fault: [UInt8] = type == .mxfp4 ? [0xFF] : [0, 0x7C]
      parts.tensors[name]?.bytes.replaceSubrange(start..<start + fault.count, with: fault)
      #expect(try refusal(parts)?.place == name)
      parts.tensors[name] = sound
    }
    #expect(try refusal(parts) == nil)
  }

  @Test func `the first of several bad rows is told, on any number of threads`() throws {
    var parts = try ModelParts(TinyModel(blockCount: 1))
    var tensor = try #require(parts.tensors["blk.0.ffn_up.weight"])
    for row in [40, 7, 90] {
      tensor.bytes.replaceSubrange(row * 256..<row * 256 + 4, with: [0, 0, 0x80, 0x7F])
    }
    parts.tensors["blk.0.ffn_up.weight"] = tensor
    for count in 1...3 {
      let error = #expect(throws: ModelError.self) {
        try Weights(file: parts.file(), pool: ThreadPool(count: count))
      }
      #expect(error?.message.contains("row 7 of 96") == true)
    }
  }

  @Test(arguments: [Float.nan, .infinity, 0, -1])
  func `a frequency factor that cannot divide is named`(factor: Float) throws {
    var parts = try ModelParts(TinyModel())
    parts.set("rope_freqs.weight", to: [1, 1, 1, factor, 1, 1, 1, 1])
    #expect(try refusal(parts)?.place == "rope_freqs.weight")
  }

  @Test func `so is a number of an adapter`() throws {
    let tiny = TinyModel(blockCount: 3)
    let weights = try Weights(file: tiny.file(), pool: pool)
    let files = [
      try TinyAdapter(base: tiny, depths: [1]).file(), try TinyLowRank(base: tiny).file(),
    ]
    for file in files {
      for bad in file.tensors {
        var writer = GGUFWriter()
        for (key, value) in file.metadata.sorted(by: { $0.key < $1.key }) {
          writer.set(key, to: value)
        }
        for tensor in file.tensors {
          var bytes = file.withBytes(of: tensor) { Array($0) }
          if tensor == bad { bytes.replaceSubrange(0..<4, with: [0, 0, 0xC0, 0x7F]) }
          writer.add(name: tensor.name, shape: tensor.shape, type: tensor.type, bytes: bytes)
        }
        let damaged = try GGUFFile(bytes: writer.bytes(), path: "adapter.gguf")
        let error = #expect(throws: ModelError.self) {
          try ExitModules(file: damaged, weights: weights, pool: pool)
        }
        #expect(error?.code == .notFinite && error?.place == bad.name)
      }
    }
  }
}
