package import Evaluation
package import Events
import Foundation
package import Inference
import Models
import Transformer

/// The certificate that presets come from.
package struct PresetSource {
  /// The certificate.
  package let certificate: ExitCertificate

  /// The certificate of this name, or else the one beside an adapter; nil where there is none.
  package init?(certificate: String?, adapter: String?) throws {
    let beside = adapter.map { ExitCertificate.path(besideAdapter: $0) }
    guard let path = certificate ?? beside else { return nil }
    if certificate == nil, !FileManager.default.fileExists(atPath: path) { return nil }
    self.certificate = try ExitCertificate(path: path)
  }

  /// The setting of a preset.
  package func setting(_ preset: Preset) throws -> CertifiedSetting {
    if let setting = certificate.presets[preset.rawValue] { return setting }
    let names = certificate.presets.keys.sorted().joined(separator: ", ")
    throw EvaluationError(
      code: .badCertificate,
      message: "The certificate has no preset \(preset.rawValue)"
        + (names.isEmpty ? "." : "; it has \(names)."))
  }

  /// What is not as it was when the presets were tested: `model`, `adapter`, `sampler`.
  package func differences(
    model: LoadedModel, sampler: SessionRecord.Sampler
  ) throws -> [String] {
    certificate.differences(
      model: try model.fingerprint(),
      adapter: model.exits.flatMap { FileDigest.hexadecimal(ofFile: $0.path) },
      sampler: sampler.certified.sha256
    ).map(\.rawValue)
  }
}

extension SessionRecord.Sampler {
  /// How tokens are drawn, as far as a certificate is concerned: the seed decides nothing about risk.
  package var certified: ExitCertificate.Named {
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
