import Dials
import Events
import Inference

/// What a session says of what the model sees of its conversation.
@MainActor
struct SightWork {
  /// The session.
  let session: ChatSession

  /// The prompt of the next answer, of which `begun` is there already; says what is new in what the model
  /// sees of it.
  func comingPrompt(_ begun: [TokenID]) -> [TokenID] {
    let before = session.dialogue
    do {
      let prompt = try session.dialogue.comingPrompt(begun: begun)
      let (settings, sight) = (session.dialogue.settings, session.dialogue.sight)
      if let reach = settings.reach, reach != before.settings.reach {
        session.publishChange(of: .window, from: before)
        if before.settings.reach == nil {
          session.reachIsOurs = true
          session.notice(.warning, reach.words(atEndOf: session.engine.contextLength))
        }
      }
      if let unheld = sight?.unheld, !unheld.isEmpty, unheld != before.sight?.unheld {
        session.notice(
          .warning,
          "Pinned, but too long to stay in sight: turn \(NumberSet(unheld).words). Half of the "
            + "context is the most.")
      }
      sayForgotten(after: prompt.count)
      return prompt
    } catch {
      session.notice(.error, "\(error)")
      return session.dialogue.prompt() + begun
    }
  }

  /// Says which turns are out of sight of what comes behind `count` positions, where that is news.
  func sayForgotten(after count: Int) {
    let gone =
      session.dialogue.sight?.forgotten(at: count) ?? (
        turns: NumberSet([]), messages: NumberSet([])
      )
    let record = ParameterRecord.forgotten(
      from: session.forgotten, turns: gone.turns, messages: gone.messages,
      tNs: session.engine.elapsed)
    if record.new != session.forgotten { session.publish(.parameter(record)) }
  }
}
