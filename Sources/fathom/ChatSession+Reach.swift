import Dials
import Events
import Foundation
import Inference
import Screen
import Techniques

extension ChatSession {
  /// Puts a reach in force, as `/window` says it.
  func look(_ text: String) throws {
    let setting = try ReachSetting.parse(text, current: dials.reach)
    reachIsOurs = false
    try turn("window", from: "\(dials.reach)", to: "\(setting)") { $0.reach.choose(setting) }
  }

  /// Where nobody chose a reach and the text comes to the end of the context: goes on with a window, and
  /// says so.
  func goOn(withPrompt count: Int) throws {
    guard try options.reach.setting() == nil,
      let setting = ReachSetting.needed(
        forPrompt: count, tokenLimit: options.tokenLimit, contextLength: engine.contextLength)
    else { return }
    try turn("window", from: "\(dials.reach)", to: "\(setting)") { $0.reach.choose(setting) }
    reachIsOurs = true
    notice(
      .warning,
      "The conversation reaches the end of the context of \(engine.contextLength) positions. "
        + "It goes on: attention now sees the first \(setting.sinks) and the last "
        + "\(setting.window) tokens, and forgets what lies between. /window changes it.")
  }

  /// A text that begins afresh is seen whole again, unless a person chose otherwise.
  func forgetReach() {
    guard reachIsOurs else { return }
    reachIsOurs = false
    options.reach = AnswerOptions.usual.reach
    dials.reach = .full
  }
}
