import Dials
import Events
import Inference
import Tokenization

extension ChatSession {
  /// Goes on with the last answer from its exact tokens, and says why where it cannot.
  ///
  /// Settings may have changed since: it goes on with those in force now.
  func continueAnswer() async {
    guard let last = answers.last,
      dialogue.conversation.messages.last == ChatMessage(.assistant, last.text)
    else { return notice(.information, "There is no answer yet that could go on.") }
    guard last.reason != .stop else {
      return notice(.information, "The answer is complete: the model ended it itself.")
    }
    _ = dialogue.conversation.takeBack(.assistant)
    // A file may name any tokens.
    let vocabulary = 0..<dialogue.model.tokenizer.vocabularyCount
    let isOwn =
      last.model?.isSame(as: engine.model.hashedCard) == true
      && last.ids.allSatisfy { vocabulary.contains($0.index) }
    await answer(isOwn ? last : last.spelled(dialogue.model.tokenizer.encode(last.text)))
  }
}
