package import GGUF
import Inference
import Transformer

/// The small feed-forwards of a file, which a training takes as they are to make routers and points anew.
package struct GivenFeedForwards: Sendable {
  /// The file.
  package let file: GGUFFile
  /// What it says about itself.
  let head: AdapterHead
  /// What it says of its small feed-forwards.
  let facts: AdapterHead.Duo

  /// The small feed-forwards of `file`, an adapter for `base`. Throws where it is none, or one for another
  /// model.
  package init(_ file: GGUFFile, base: TuneBase) throws {
    guard
      let modules = try base.model.routing(with: file, fingerprint: base.fingerprint).feedForwards
    else { throw TrainingError(.badAdapter, at: file.path, "it has no small feed-forwards.") }
    self.file = file
    (head, facts) = (modules.head, modules.facts)
  }

  /// Its routers, block by block.
  var routers: [Router] {
    let shape = SmallFeedForwardShape(
      width: head.base.width, inner: facts.inner, rank: facts.rank)
    return (0..<head.base.blockCount).map { block in
      Router(
        weights: numbers(shape.name(.routerWeight, block: block)),
        bias: numbers(shape.name(.routerBias, block: block)).first ?? 0)
    }
  }

  private func numbers(_ name: String) -> [Float] {
    file.tensor(named: name).map { file.dequantize($0) } ?? []
  }

  /// Adds one of its tensors to another file, bit for bit.
  func copy(_ name: String, to writer: inout GGUFWriter) {
    guard let tensor = file.tensor(named: name) else { return }
    writer.add(
      name: name, shape: tensor.shape, type: tensor.type,
      bytes: file.bytes(of: tensor).withBytes { Array($0) })
  }
}
