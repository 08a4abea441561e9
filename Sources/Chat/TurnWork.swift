import Dials
import Events
import Files
import Foundation
import GGUF
import Inference
import Models
import Tokenization

/// What a session does with single turns, and with the text of the conversation.
@MainActor
struct TurnWork {
  /// The session whose conversation it is.
  let session: ChatSession

  /// The most bytes that go to a clipboard: some terminals take 74,994 characters of Base64, and no more.
  private static let clipboardLimit = 56_000

  private var conversation: Conversation { session.dialogue.conversation }

  /// Carries out a command.
  func perform(_ command: TurnCommand) async throws {
    switch command {
    case .undo: try takeBack(nil)
    case .edit(let turn): try takeBack(turn)
    case .read(let path): try await read(path)
    case .copy(let source): try copy(source)
    case .export(let path, let replaces): try await export(to: path, replaces: replaces)
    case .show(let topic): try await show(topic)
    case .pin(let turn): try pin(turn)
    case .unpin(let turn): try unpin(turn)
    }
  }

  private func say(_ text: String) { session.notice(.information, text) }

  // MARK: - Taking back

  /// Takes back a turn, the last one where none is named, with all that follows, and hands its question to the
  /// person.
  private func takeBack(_ number: Int?) throws {
    let turns = conversation.turns
    guard !turns.isEmpty else { return say("There is nothing yet that could be taken back.") }
    let number = try existing(number)
    let (first, before) = (turns[number - 1].lowerBound, conversation.messages.count)
    let question = conversation.messages[first].content
    session.dialogue.conversation.takeBack(from: first)
    session.publish(
      .parameter(.takenBack(of: before, before: first, tNs: session.engine.elapsed)))
    if number < turns.count {
      let others = NumberSet(number + 1...turns.count)
      say(
        "With it turn\(number + 1 == turns.count ? "" : "s") \(others.words) left the conversation. "
          + "The records keep what was said: /save writes them.")
    }
    session.show(.compose(question))
  }

  /// The number of a turn that is there: the last one where none is named.
  private func existing(_ number: Int?) throws(ChatError) -> Int {
    let count = conversation.turns.count
    let number = number ?? count
    guard (1...max(1, count)).contains(number), count > 0 else {
      throw ChatError(
        count == 0
          ? "Nothing was said yet: there is no turn."
          : "There is no turn \(number): the conversation has \(count). Turns are questions with "
            + "their answers, counted from 1.")
    }
    return number
  }

  // MARK: - Files

  /// Reads a file for the next message, or lets go of what was read.
  private func read(_ path: String?) async throws {
    guard let path else {
      let had = session.attachment.isEmpty
      session.attachment = Attachment()
      return say(had ? "No file waits to be said." : "What was read is not said.")
    }
    let tokenizer = session.dialogue.model.tokenizer
    let (file, count) = try await FileWork.run {
      let file = try ReadFile(path)
      return (file, tokenizer.encode(file.text).count)
    }.get()
    session.attachment.add(file)
    say(
      "\(file.name): \(file.text.count) characters, \(count) tokens. It goes in front of your next "
        + "message; /read off leaves it out." + (file.notice.map { " It was \($0)." } ?? ""))
    let limit = session.engine.contextLength
    if count > limit / 2 {
      session.notice(
        .warning,
        "The context has \(limit) positions. What does not fit is forgotten from its beginning on.")
    }
  }

  /// Writes the conversation as a file.
  private func export(to path: String, replaces: Bool) async throws {
    let path = HomeFolder.expand(path)
    guard let form = ConversationFile.Form(path: path) else {
      throw ChatError("\(path): \(ConversationFile.Form.endings)")
    }
    guard !conversation.turns.isEmpty else {
      throw ChatError("Nothing was said yet: there is no conversation to write.")
    }
    let settings = session.dialogue.settings
    let file = ConversationFile(
      conversation: conversation, model: session.dialogue.model.card,
      settings: ParameterLines(settings, session.dialogue.dials).facts, date: Date())
    let output = OutputFile(
      path, inputs: session.dialogue.model.files + [session.sessionsFile].compactMap { $0 },
      replaces: replaces, mode: 0o600,
      wayToReplace: "Name another file, or replace it: /export --force FILE")
    try await FileWork.run { try output.write(file.data(as: form)) }.get()
    say("The conversation is in \(path).")
  }

  // MARK: - The clipboard

  private func copy(_ source: TurnCommand.Source) throws {
    let text = try copied(source)
    guard text.utf8.count <= Self.clipboardLimit else {
      throw ChatError(
        "This is \(text.utf8.count) bytes, and terminals take \(Self.clipboardLimit) at most. "
          + "/export FILE.md writes the conversation to a file.")
    }
    session.show(.copy(text))
  }

  private func copied(_ source: TurnCommand.Source) throws(ChatError) -> String {
    switch source {
    case .answer(let number):
      let number = number ?? conversation.turns.lastIndex { $0.count > 1 }.map { $0 + 1 }
      guard let number else { throw ChatError("There is no answer yet.") }
      guard let answer = conversation.turn(try existing(number))?.answer else {
        throw ChatError("Turn \(number) has no answer.")
      }
      return answer.said
    case .code(let number):
      let blocks = conversation.messages.reversed().lazy.filter { $0.role == .assistant }
        .map { CodeBlock.all(in: $0.content.said) }.first { !$0.isEmpty }
      guard let blocks else { throw ChatError("No answer has a block of code.") }
      let index = (number ?? blocks.count) - 1
      guard blocks.indices.contains(index) else {
        throw ChatError(
          "There is no block of code \(index + 1): the last answer that has some has "
            + "\(blocks.count).")
      }
      return blocks[index].code
    }
  }

  // MARK: - Pins

  private func pin(_ number: Int?) throws {
    let number = try existing(number)
    guard !conversation.pinned.contains(number) else {
      return say("Turn \(number) is pinned already.")
    }
    put(conversation.pinned.union([number]))
  }

  private func unpin(_ number: Int?) throws {
    guard let number else { return put([]) }
    guard conversation.pinned.contains(number) else {
      throw ChatError("Turn \(number) is not pinned. Pinned: \(NumberSet(conversation.pinned)).")
    }
    put(conversation.pinned.subtracting([number]))
  }

  private func put(_ pinned: Set<Int>) {
    let old = conversation.pinned
    session.dialogue.conversation.pinned = pinned
    session.publish(
      .parameter(
        .pinned(from: NumberSet(old), to: NumberSet(pinned), tNs: session.engine.elapsed)))
  }

  // MARK: - Showing

  private func show(_ topic: TurnCommand.Topic) async throws {
    switch topic {
    case .system:
      say(conversation.system ?? "There are no instructions. /system TEXT sets them.")
    case .parameters:
      let dialogue = session.dialogue
      say(
        ParameterLines(dialogue.settings, dialogue.dials).facts
          .map { "\($0.name): \($0.value)" }.joined(separator: "\n"))
    case .info, .template, .license:
      let path = session.dialogue.model.path
      guard path != "memory" else { throw ChatError("The model is no file.") }
      let card = try await FileWork.run { ModelCard(try GGUFFile(path: path)) }.get()
      say(card.text(on: topic))
    }
  }
}

extension ModelCard {
  /// What the file says of a matter.
  fileprivate func text(on topic: TurnCommand.Topic) -> String {
    switch topic {
    case .template: chatTemplate ?? "The model's file has no chat template."
    case .license:
      metadata.keys.filter { $0.hasPrefix("general.license") }.sorted()
        .compactMap { key in metadata[key]?.string.map { "\(key): \($0)" } }
        .joined(separator: "\n").nonEmpty ?? "The model's file names no licence."
    default: lines.prefix { $0 != "chat template" }.joined(separator: "\n")
    }
  }
}

extension String {
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }

  /// An answer without what the model thought before.
  var said: String { ReasoningSplitter.parts(of: self)?.answer ?? self }
}
