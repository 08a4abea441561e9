import Dials
import Evaluation
import Events
import Foundation
package import Inference
import Techniques
import Transformer

extension ChatSettings {
  /// What a preset sets: when tokens leave early, what for, and what belongs to that.
  package struct Depth: Hashable, Sendable {
    var exit: Worded<ExitSetting>
    var mode: ExitMode
    var shortHead: Float?
    var fill: FillPolicy
  }

  /// What a preset sets, as it stands.
  var depth: Depth {
    get { Depth(exit: exit, mode: mode, shortHead: shortHead, fill: fill) }
    set {
      (exit, mode, shortHead, fill) = (
        newValue.exit, newValue.mode, newValue.shortHead, newValue.fill
      )
    }
  }

  /// Puts the setting of the preset, if one is chosen, in the place of exits, short head, mode and fill.
  package mutating func applyPreset(of model: LoadedModel) throws {
    guard let preset else { return }
    guard preset != .off else {
      depth = ChatSettings().depth
      beforePreset = nil
      return
    }
    let setting = try presetSource(of: model).setting(preset)
    let before = beforePreset ?? depth
    try setExit(setting.exit, for: model)
    (shortHead, fill, mode) = (setting.shortHead, setting.fill, .approximate)
    beforePreset = before
  }

  /// These settings, turned by hand from `old`: who chooses when tokens leave takes that from the preset,
  /// and what else the preset set goes back to what it was. Who turns another part of it keeps the rest, but
  /// the preset is in force no longer.
  func turnedByHand(from old: ChatSettings) -> ChatSettings {
    guard let before = old.beforePreset, depth != old.depth else { return self }
    var changed = self
    changed.preset = nil
    if exit != old.exit {
      changed.depth = before
      changed.exit = exit
      changed.beforePreset = nil
    }
    return changed
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
