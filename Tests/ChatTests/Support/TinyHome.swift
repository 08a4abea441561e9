import Foundation
import Models
import TestSupport
import Testing

/// A folder that holds a tiny model, an adapter with exits for it, and beside the adapter a certificate with
/// the one preset `saving`.
struct TinyHome {
  /// The model that the file holds.
  let tiny = TinyModel(blockCount: 3)
  /// The model's file.
  let model: String
  /// The adapter's file.
  let adapter: String
  /// The SHA-256 of the model's file.
  let digest: String

  /// Fills `folder`: exits at `depths`, and a preset that takes those of `exit`.
  @inline(never)
  init(in folder: String, depths: [Int], saving exit: String) throws {
    (model, adapter) = ("\(folder)/tiny.gguf", "\(folder)/exits.gguf")
    try Data(tiny.bytes()).write(to: URL(filePath: model))
    digest = try #require(FileDigest.hexadecimal(ofFile: model))
    try Data(TinyAdapter(base: tiny, sha256: digest, depths: depths).bytes())
      .write(to: URL(filePath: adapter))
    let exits = try #require(FileDigest.hexadecimal(ofFile: adapter))
    let greedy = FileDigest.hexadecimal(of: Data("greedy".utf8))
    let certificate = """
      {"v": 1, "type": "fathom.exits.certificate", "model": {"name": "m", "sha256": "\(digest)"},
       "adapter": {"name": "a", "sha256": "\(exits)"},
       "sampler": {"name": "greedy", "sha256": "\(greedy)"}, "data": [],
       "test": {"unit": "answers", "confidence": 0.95, "choosing_n": 1, "testing_n": 1,
         "token_n": 1, "followed": 1, "seed": 1},
       "presets": {"saving": {"exit": "\(exit)", "short_head": null, "fill": "propagate",
         "risk": 0.1, "p": 0.01, "upper_bound": 0.1, "agreement": 0.9,
         "agreement_interval": [0.8, 1], "relative_bytes": 0.5, "mean_blocks": 2, "exits": {}}}}
      """
    try Data(certificate.utf8).write(to: URL(filePath: "\(folder)/exits.certificate.json"))
  }
}
