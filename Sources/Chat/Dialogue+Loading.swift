import Dials
import Events
import Inference
import Techniques

extension Dialogue {
  /// Goes on under the settings of a loaded session, or else under those of before; says which, in words.
  mutating func goOn(from force: SettingsInForce) -> (words: String, areTheirs: Bool) {
    let other = force.next.adapter == model.adapter ? nil : force.next.adapter
    do {
      try goOn(with: force)
      return ("under its settings" + (other.map { ", without its adapter \($0.name)" } ?? ""), true)
    } catch {
      return ("under the settings of before: \(error)", false)
    }
  }

  /// Puts in force what a loaded session had, if the model can be run with it.
  private mutating func goOn(with force: SettingsInForce) throws {
    var changed = settings
    let (loaded, policy) = (force.next, force.next.policy)
    changed.thinking = force.thinking
    changed.sampler = loaded.sampler
    changed.depth = ChatSettings.Depth(
      exit: Worded(policy.exit), mode: policy.mode, shortHead: policy.shortHead, fill: policy.fill)
    changed.draft = Worded(policy.draft)
    changed.pruned = Worded(policy.pruned)
    changed.budget = BudgetSetting(share: policy.budget.share)
    changed.reach = policy.reach.isLimited ? policy.reach : nil
    (changed.preset, changed.beforePreset) = (nil, nil)
    var preset = changed
    preset.preset = loaded.preset.name.flatMap { Preset(rawValue: $0) }
    preset.beforePreset = ChatSettings().depth
    if preset.preset != nil, (try? preset.applyPreset(of: model)) != nil,
      preset.depth == changed.depth
    {
      changed = preset
    }
    take(changed, try changed.dials(for: model))
  }
}
