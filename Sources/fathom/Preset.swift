import ArgumentParser
import Dials
import Evaluation
import Events
import Foundation
import Models

/// A named choice between quality and cost, whose setting a certificate holds.
enum Preset: String, CaseIterable, ExpressibleByArgument {
  /// Full depth.
  case off
  case quality
  case balanced
  case saving
}

extension SessionRecord.Sampler {
  /// How tokens are drawn, as far as a certificate is concerned: the seed decides nothing about risk.
  var certified: ExitCertificate.Named {
    let isGreedy = temperature <= 0 && repeatPenalty == 1
    let text =
      isGreedy
      ? "greedy"
      : "temperature \(temperature), top-k \(topK), top-p \(topP), min-p \(minP), "
        + "repeat-penalty \(repeatPenalty) over \(repeatLastN)"
    return ExitCertificate.Named(
      name: text, sha256: FileDigest.hexadecimal(of: Data(text.utf8)))
  }
}

/// The certificate that presets come from.
struct PresetSource {
  let certificate: ExitCertificate
  /// Where it lies.
  let path: String

  /// The certificate of this name, or else the one beside an adapter; nil where there is none.
  init?(certificate: String?, adapter: String?) throws {
    let beside = adapter.map { ExitCertificate.path(besideAdapter: $0) }
    guard let path = certificate ?? beside else { return nil }
    if certificate == nil, !FileManager.default.fileExists(atPath: path) { return nil }
    self.path = path
    self.certificate = try ExitCertificate(path: path)
  }
}
