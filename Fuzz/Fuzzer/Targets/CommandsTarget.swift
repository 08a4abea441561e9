import Dials
import Events
import Techniques

@testable import Screen

extension FuzzTarget {
  /// What a person types behind a slash or a flag. What is a setting can be written and read again.
  static let commands = FuzzTarget(name: "commands", greatestLength: 128, seeds: seedsOfCommands) {
    bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    checkSettings(text)
    for line in SlashCommand.completions(of: text, themes: ["dark"]) {
      claim(line.hasPrefix("/"), "what completes a command is one")
    }
    guard SlashCommand.isCommand(text), let effect = try? SlashCommand.parse(text) else { return }
    var state = ScreenState(themes: ["dark"])
    _ = effect.onScreen(&state)
    if bytes.count % 8 == 0 { draw(state).checkWhole() }
    guard case .session(let command) = effect.inLines else { return }
    switch command {
    case .exitPolicy(let words), .draft(let words), .window(let words): checkSettings(words)
    case .set(let parameter, let value):
      var sampler = SessionRecord.Sampler(topP: 0.9)
      guard sampler.set(parameter, to: value), sampler.fault == nil else { return }
      let spelt = sampler.text(of: parameter) ?? ""
      var again = sampler
      claim(
        again.set(parameter, to: spelt) && again == sampler, "\(parameter) \(value) is \(spelt)")
    default: break
    }
  }

  private static func checkSettings(_ text: String) {
    for blockCount in [0, 1, 30] {
      if let exit = try? ExitSetting.parse(text, blockCount: blockCount) {
        let again = try? ExitSetting.parse(exit.description, blockCount: blockCount)
        claim(again == exit, "\(text.debugDescription) is \(exit)")
        claim(
          (try? DialSettings(exit: exit).validate(blockCount: blockCount)) != nil,
          "\(exit) is valid as it was read")
        _ = exit.label { "\($0)" }
      }
      if let blocks = try? BlockSet.parse(text, blockCount: blockCount) {
        claim(
          (try? BlockSet.parse(blocks.description, blockCount: blockCount)) == blocks,
          "\(text.debugDescription) is \(blocks)")
      }
    }
    for current in [DraftSetting.off, .auto, .exits] {
      guard let draft = try? DraftSetting.parse(text, current: current) else { continue }
      claim(
        (try? DraftSetting.parse(draft.description)) == draft,
        "\(text.debugDescription) is \(draft)")
    }
    for current in [ReachSetting.full, ReachSetting(.sliding, window: 64)] {
      guard let reach = try? ReachSetting.parse(text, current: current) else { continue }
      claim(
        (try? ReachSetting.parse(reach.spelling)) == reach,
        "\(text.debugDescription) is \(reach.spelling)")
      _ = reach.description
    }
  }

  @Sendable private static func seedsOfCommands() -> [[UInt8]] {
    let exits = Catalogue.exits.flatMap { $0.examples }
    let lines =
      exits + ["/exit-policy " + (exits.first ?? "off"), "off", "3,7-9", "none", "auto 8"]
      + ["ngram,recycle 4", "auto-timed", "1024", "lambda 512 sinks 4 clamped", "sliding 64"]
      + ["sirllm 256 memory 8", "lambda 64 lookups 2", "/set temperature 0.7", "/set top_k 40"]
      + ["/set parameter seed 18446744073709551615", "/prune auto 3", "/prune 1-4", "/help", "/?"]
      + ["/system a b", "/preset balanced", "/draft 3", "/window 64", "/exprot x", "/theme dark"]
    return lines.map { Array($0.utf8) }
  }
}
