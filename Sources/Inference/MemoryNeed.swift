import GGUF
import Kernels
import Transformer

/// What a model takes of memory before it says a word, as far as that can be told beforehand.
///
/// Memory that is not there ends a program wherever it happens to ask; here there is still a word to say.
struct MemoryNeed {
  /// Bytes; no more than any process may have.
  let byteCount: Int

  /// What threads, tokenizer, scratch and the runtime take besides, with room for the allocator's own ways.
  private static let overhead = Double(192 << 20)

  /// The need of the model in `file`: its matrices once more, repacked, and a cache of `contextLength` positions
  /// (the usual number where none is named), a byte for each value and a scale for every 32.
  init(of file: GGUFFile, contextLength: Int?) {
    var bytes = file.tensors.reduce(Self.overhead) { $0 + Double($1.byteCount) }
    if let blueprint = try? Blueprint(metadata: file.metadata) {
      let length = contextLength ?? Engine.usualContextLength(trained: blueprint.trainedLength)
      let values = 2 * blueprint.keyValueHeadCount * blueprint.headWidth
      bytes += 1.125 * Double(blueprint.blockCount) * Double(values) * Double(length)
    }
    byteCount = Int(min(bytes, 1e18))
  }

  /// Throws where the system would not give as much.
  func check(path: String) throws(EngineError) {
    guard !AlignedBytes.mayHave(byteCount) else { return }
    throw EngineError(
      .noMemory,
      "\(path): the model and its context take about \(byteCount / 1_000_000) MB of memory, and this process "
        + "may not have them. Raise the limit (ulimit -v), free memory, or ask for fewer positions (-c)."
    )
  }
}
