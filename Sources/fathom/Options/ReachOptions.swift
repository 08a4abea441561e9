public import ArgumentParser
public import Dials
import Techniques

/// Which past positions attention sees.
struct ReachOptions: ParsableArguments {
  @Option(
    name: .customLong("window"), parsing: .unconditional,
    help: ArgumentHelp(
      "Positions that attention sees at their true distance, besides the first ones; or off "
        + "(default: all, until a conversation is longer than the context).", valueName: "n"))
  var window: String?

  @Option(
    parsing: .unconditional,
    help: "First positions that stay in sight (default: \(ReachSetting(.lambda).sinks)).")
  var sinks: Int?

  @Option(
    name: .customLong("reach"),
    help: "What stays in sight: lambda, sliding (a window alone), sirllm, or full.")
  var technique: ReachSetting.Technique?

  @Option(
    help: ArgumentHelp(
      "How far away the first positions seem: capped (at the window's length) or cache-index "
        + "(as if nothing lay between).", valueName: "rule"))
  var distance: ReachSetting.Distance?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Positions before the window that each head may look up for the next token; keeps them all.",
      valueName: "n"))
  var lookups: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Positions of highest loss that sirllm keeps.", valueName: "n"))
  var memory: Int?

  func validate() throws {
    let setting: ReachSetting?
    do { setting = try self.setting() } catch { throw ValidationError("--window \(error)") }
    if let unused = unused(in: setting) {
      throw ValidationError(
        "\(unused) has no meaning here: with \(setting?.technique.rawValue ?? "no window") nothing uses it."
      )
    }
  }

  /// The first option that the setting has no use for.
  private func unused(in setting: ReachSetting?) -> String? {
    guard let setting else { return nil }
    let isFull = setting.technique == .full
    let options: [(name: String, isGiven: Bool, isUsed: Bool)] = [
      ("--window", window.map { !["off", "full"].contains($0) } ?? false, !isFull),
      ("--sinks", sinks != nil, !isFull && setting.technique != .sliding),
      ("--distance", distance != nil, !isFull && setting.technique != .sirllm),
      ("--lookups", lookups != nil, setting.technique == .lambda),
      ("--memory", memory != nil, setting.technique == .sirllm),
    ]
    return options.first { $0.isGiven && !$0.isUsed }?.name
  }

  /// What was asked for; nil when nobody said anything.
  func setting() throws(DialError) -> ReachSetting? {
    if technique == .full || window == "off" || window == "full" { return .full }
    var setting = window == nil ? nil : try ReachSetting.parse(window ?? "")
    if [sinks, lookups, memory].contains(where: { $0 != nil }) || technique != nil
      || distance != nil
    {
      let base = setting ?? ReachSetting(.lambda)
      setting = ReachSetting(
        technique ?? base.technique, window: base.window, sinks: sinks ?? base.sinks,
        distance: distance ?? base.distance, lookups: lookups ?? base.lookups,
        memory: memory ?? (base.memory > 0 ? base.memory : ReachSetting(.sirllm).memory),
        turns: base.turns)
    }
    try setting?.validate()
    return setting
  }
}

extension ReachSetting.Technique: ExpressibleByArgument {}
extension ReachSetting.Distance: ExpressibleByArgument {}
