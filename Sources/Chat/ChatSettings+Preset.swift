import Dials
import Evaluation
import Events
import Foundation
package import Inference
import Techniques
import Transformer

extension ChatSettings {
  /// Puts the setting of the preset, if one is chosen, in the place of exits, short head and fill.
  package mutating func applyPreset(of model: LoadedModel) throws {
    guard let preset else { return }
    guard preset != .off else {
      exit = Worded(ExitSetting.off)
      (shortHead, mode) = (nil, .identical)
      return
    }
    let setting = try presetSource(of: model).setting(preset)
    try setExit(setting.exit, for: model)
    (shortHead, fill, mode) = (setting.shortHead, setting.fill, .approximate)
  }

  /// The certificate that the preset is from.
  func presetSource(of model: LoadedModel) throws -> PresetSource {
    if let source = try PresetSource(certificate: certificate, adapter: model.exits?.path) {
      return source
    }
    throw EvaluationError(
      code: .missingFile,
      message: model.exits == nil
        ? "Presets are for an adapter's exits, and none is loaded. Give one with --adapter."
        : "The adapter has no certificate with presets beside it. fathom calibrate makes one.")
  }
}
