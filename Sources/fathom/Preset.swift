import ArgumentParser
import Dials
import Evaluation
import Events
import Foundation
import Inference
import Models
import Techniques
import Transformer

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

/// Which preset, and where its setting is from.
struct PresetOptions: ParsableArguments {
  @Option(
    name: .customLong("preset"),
    help: "A setting that fathom calibrate found: quality, balanced, saving, or off for full depth."
  )
  var name: Preset?

  @Option(
    help: ArgumentHelp(
      "The certificate with the presets (default: the one beside the adapter).", valueName: "file"))
  var certificate: String?
}

/// The certificate that presets come from.
struct PresetSource {
  let certificate: ExitCertificate

  /// The certificate of this name, or else the one beside an adapter; nil where there is none.
  init?(certificate: String?, adapter: String?) throws {
    let beside = adapter.map { ExitCertificate.path(besideAdapter: $0) }
    guard let path = certificate ?? beside else { return nil }
    if certificate == nil, !FileManager.default.fileExists(atPath: path) { return nil }
    self.certificate = try ExitCertificate(path: path)
  }

  /// The setting of a preset.
  func setting(_ preset: Preset) throws -> CertifiedSetting {
    if let setting = certificate.presets[preset.rawValue] { return setting }
    let names = certificate.presets.keys.sorted().joined(separator: ", ")
    throw EvaluationError(
      code: .badCertificate,
      message: "The certificate has no preset \(preset.rawValue)"
        + (names.isEmpty ? "." : "; it has \(names)."))
  }

  /// What is not as it was when the presets were tested.
  func differences(
    model: LoadedModel, sampler: SessionRecord.Sampler
  ) throws -> [ExitCertificate.Part] {
    certificate.differences(
      model: try model.fingerprint(),
      adapter: model.exits.flatMap { FileDigest.hexadecimal(ofFile: $0.path) },
      sampler: sampler.certified.sha256)
  }
}

extension AnswerOptions {
  /// Puts the setting of the preset, if one is named, in the place of exits, short head and fill.
  mutating func applyPreset(of model: LoadedModel) throws {
    guard let preset = presets.name else { return }
    guard preset != .off else {
      (exitPolicy, shortHead, mode) = ("off", nil, .identical)
      return
    }
    let setting = try presetSource(of: model).setting(preset)
    (exitPolicy, shortHead) = (setting.exit, setting.shortHead)
    (fill, mode) = (setting.fill, .approximate)
  }

  /// The preset in force as a record has it: its name, and why its certificate does not hold here if it
  /// does not.
  func presetState(of model: LoadedModel) throws -> String {
    guard let preset = presets.name, preset != .off else { return Preset.off.rawValue }
    var parts = try presetSource(of: model).differences(model: model, sampler: sampler)
      .map(\.rawValue)
    if try reach.setting()?.isLimited == true { parts.append("reach") }
    if parts.isEmpty { return preset.rawValue }
    return "\(preset.rawValue), uncertified: another " + parts.joined(separator: ", another ")
  }

  private func presetSource(of model: LoadedModel) throws -> PresetSource {
    guard
      let source = try PresetSource(
        certificate: presets.certificate, adapter: model.exits?.path)
    else {
      throw EvaluationError(
        code: .missingFile,
        message: model.exits == nil
          ? "Presets are for an adapter's exits, and none is loaded. Give one with --adapter."
          : "The adapter has no certificate with presets beside it. fathom calibrate makes one.")
    }
    return source
  }
}
