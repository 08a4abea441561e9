import Events
import Inference
import Reports
import Techniques
import Tokenization

/// Answering a message again to see what the settings change.
@MainActor
struct ComparisonWork {
  /// The session whose last message it is.
  let session: ChatSession

  /// Answers the last message again with the same seed: under the settings in force, or as the whole model
  /// where nothing was changed since. Says how the answers differ and, where the settings may change a text,
  /// what they do to one that no search has seen.
  func perform() async throws {
    let dialogue = session.dialogue
    guard let old = session.dialogue.conversation.takeBack(.assistant) else {
      session.notice(.information, "There is no answer yet that could be compared.")
      return try await measure()
    }
    let number = session.answerCount
    if let whole = dialogue.asWhole, dialogue.made == session.made {
      session.notice(
        .information,
        "Nothing has changed since that answer: the whole model gives the other one. "
          + "The settings stay.")
      await answer(as: whole)
    } else {
      await session.answer()
    }
    let conversation = session.dialogue.conversation
    guard let last = conversation.messages.last, last.role == .assistant else { return }
    let difference = WordDifference(from: old, to: last.content)
    session.publish(
      .comparison(
        ComparisonRecord(
          turn: conversation.nextTurn - 1, answer: session.answerCount, with: number,
          wordsShared: difference.wordsShared, words: difference.words, marked: difference.marked,
          tNs: session.engine.elapsed)))
    try await measure()
  }

  /// Answers once as `other` says; what is set stays.
  private func answer(as other: Dialogue) async {
    let (settings, dials) = (session.dialogue.settings, session.dialogue.dials)
    session.dialogue.take(other.settings, other.dials)
    await session.answer()
    session.dialogue.take(settings, dials)
  }

  /// Measures what the dials do to a held-out text, where they may change one, and makes it a record.
  private func measure() async throws {
    guard session.dialogue.dials.contract == .approximate else { return }
    let measured = try await HeldOutText.measure(session.dialogue, tNs: session.engine.elapsed)
    guard let record = measured else {
      session.notice(
        .information,
        "A held-out text is read with the whole head: what the short head changes is not measured.")
      return
    }
    session.publish(.measure(record))
  }
}
