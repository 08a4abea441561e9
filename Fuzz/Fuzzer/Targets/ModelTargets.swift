import Dials
import Events
import GGUF
import Inference
import Kernels
import Techniques
import TestSupport
import Tokenization
import Transformer

extension FuzzTarget {
  /// A model's file to the first logits: what loads can be run.
  static let model = FuzzTarget(
    name: "model", greatestLength: 1 << 16, seeds: { [tiny.bytes()] },
    run: { bytes in
      guard let file = try? GGUFFile(bytes: bytes),
        let model = try? LoadedModel(file: file, threads: 1)
      else { return }
      let blueprint = model.weights.blueprint
      guard blueprint.width * blueprint.innerWidth * blueprint.blockCount < 1 << 20 else { return }
      let pass = ForwardPass(model.runtime, capacity: 16, rowCapacity: 4)
      let tokens = model.tokenizer.encode("a b").prefix(2)
      guard !tokens.isEmpty else { return }
      pass.appendChain(tokens)
      pass.run(rows: 0..<tokens.count, blocks: 0..<blueprint.blockCount)
      _ = pass.logits(rows: [0], exactTop: 3)
    })

  /// An adapter's file for a model that is sound.
  static let adapter = FuzzTarget(
    name: "adapter", greatestLength: 1 << 13,
    seeds: {
      [
        TinyAdapter(base: tiny, depths: [1], shortlist: [5, 9, 7]).bytes(),
        TinyAdapter(base: tiny, depths: [1], gateBias: nil).bytes(),
      ]
    },
    run: { bytes in
      guard let base, let file = try? GGUFFile(bytes: bytes),
        let adapted = try? base.adapted(by: file, fingerprint: "00")
      else { return }
      _ = adapted.adapter
      let pass = ForwardPass(adapted.runtime, capacity: 16, rowCapacity: 4)
      pass.appendChain([TokenID(5), TokenID(9)])
      pass.run(rows: 0..<2, blocks: 0..<1)
      _ = pass.gate(row: 1, at: 1)
      _ = pass.logits(rows: [0, 1], at: 1, short: true)
      let setting = try? ExitSetting.parse(
        "top1 0.5", blockCount: adapted.blockCount, exits: adapted.adapter?.exits ?? [])
      if let setting { _ = try? adapted.check(DialSettings(exit: setting)) }
    })

  private static let tiny = TinyModel(
    blockCount: 2, width: 32, headCount: 2, keyValueHeadCount: 1, feedForwardWidth: 32, type: .q4_0)
  private static let base = try? LoadedModel(file: tiny.file(), threads: 1)
}
