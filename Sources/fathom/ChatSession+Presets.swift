import Dials
import Events
import Foundation
import Inference
import Screen
import Techniques

extension ChatSession {
  /// Puts a preset's setting in force.
  func choose(_ name: String) throws {
    guard let preset = Preset(rawValue: name) else { return }
    var changed = options
    changed.presets.name = preset
    try changed.applyPreset(of: model)
    let dials = try changed.dials(for: model)
    let old = self.dials
    options = changed
    self.dials = dials
    publish(
      .parameter(
        ParameterRecord(
          key: "exit-policy", old: old.exit.description, new: dials.exit.description,
          policy: dials, tNs: engine.elapsed)))
    publishPreset()
  }

  /// Says which preset is in force and whether its certificate holds, where that is news.
  func publishPreset() {
    let state: String
    do {
      state = try options.presetState(of: model)
    } catch {
      // The adapter that it was for is gone, or its certificate.
      state = options.presets.name.map { "\($0.rawValue), uncertified: no certificate" } ?? ""
    }
    guard state != presetState else { return }
    publish(
      .parameter(
        ParameterRecord(key: "preset", old: presetState, new: state, tNs: engine.elapsed)))
  }

  /// What the session's records say of the preset.
  private var presetState: String {
    for case .parameter(let change) in records.reversed() where change.key == "preset" {
      return change.new
    }
    return Preset.off.rawValue
  }
}

extension DialSettings {
  /// Whether tokens are decided elsewhere than with `other`.
  func differsInExits(from other: DialSettings) -> Bool {
    exit != other.exit || mode != other.mode || shortHead != other.shortHead || fill != other.fill
      || pruned != other.pruned
  }
}
