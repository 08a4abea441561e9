import Chat
import Dials
import Events
import Inference
import TestSupport
import Tokenization

/// A session with a tiny model that answers in eight tokens, and what it said beside its records.
@MainActor
struct TinyChat {
  /// The program's own words, in order.
  @MainActor final class Notices {
    var all: [Notice] = []
    /// Texts to go on writing, and texts for the clipboard.
    var composed: [String] = []
    var copied: [String] = []
  }

  /// The records, in order.
  @MainActor final class Records {
    var all: [Record] = []
  }

  let session: ChatSession
  let notices = Notices()
  private let heard = Records()

  @inline(never)
  init(
    _ dialogue: Dialogue, sessionsFile: String? = nil, guessesFolder: String? = nil,
    others: [String: TinyModel] = [:]
  ) {
    session = ChatSession(
      dialogue, tool: .init(name: "fathom", version: "test"), sessionsFile: sessionsFile,
      guessesFolder: guessesFolder,
      openModel: { name in
        guard let other = others[name] else { throw ChatError("\(name): there is no such model") }
        return (
          try LoadedModel(file: other.file(), threads: 1), ModelReference(model: name)
        )
      },
      hear: { [heard] record in
        // Another session begins, or the conversation afresh.
        if case .session = record { heard.all = [] }
        heard.all.append(record)
      },
      show: { [notices] in
        switch $0 {
        case .notice(let notice): notices.all.append(notice)
        case .compose(let text): notices.composed.append(text)
        case .copy(let text): notices.copied.append(text)
        case .progress, .blockFacts, .conversations: break
        }
      })
  }

  @inline(never)
  init(
    _ tiny: TinyModel = TinyModel(seed: 4), contextLength: Int? = nil,
    _ change: (inout ChatSettings) -> Void = { _ in }
  ) throws {
    self.init(try .tiny(tiny, contextLength: contextLength, change))
  }

  /// Every record of the session.
  var records: [Record] { heard.all }

  /// Carries out what lines of a conversation ask for, one after the other.
  @inline(never)
  func apply(_ commands: SessionCommand...) async {
    for command in commands { await session.apply(command) }
  }

  var settings: ChatSettings { session.dialogue.settings }

  /// The settings that changed, as the records have it.
  var changes: [ParameterRecord] {
    records.compactMap { if case .parameter(let change) = $0 { change } else { nil } }
  }

  /// The texts of the turns, in order; empty for answers.
  var texts: [String] { turns.map(\.text) }

  var turns: [TurnRecord] {
    records.compactMap { if case .turn(let turn) = $0 { turn } else { nil } }
  }

  var ends: [EndRecord] {
    records.compactMap { if case .end(let end) = $0 { end } else { nil } }
  }

  /// The tokens of the answer that is message `turn`, every time it was given.
  func tokens(turn: Int) -> [TokenRecord] {
    records.compactMap {
      if case .token(let token) = $0, token.phase == .gen, token.turn == turn { token } else { nil }
    }
  }

  func ids(turn: Int) -> [TokenID] { tokens(turn: turn).map(\.id) }

  /// The presets that the records name, one after another.
  var presets: [String] {
    changes.compactMap { if case .preset(let state) = $0.change { "\(state)" } else { nil } }
  }

  /// A conversation in which this was said.
  static func having(_ turns: [(question: String, answer: String)]) throws -> TinyChat {
    var dialogue = try Dialogue.tiny()
    for turn in turns {
      dialogue.conversation.say(.user, turn.question)
      dialogue.conversation.say(.assistant, turn.answer)
    }
    return TinyChat(dialogue)
  }

  /// What was handed to the person to go on writing.
  var composed: [String] { notices.composed }

  /// What went to the clipboard.
  var copied: [String] { notices.copied }

  /// What went wrong.
  var errors: [String] { notices.all.filter { $0.kind == .error }.map(\.text) }
}

extension Dialogue {
  /// An empty conversation with a tiny model that answers in eight tokens.
  @inline(never)
  static func tiny(
    _ tiny: TinyModel = TinyModel(seed: 4), contextLength: Int? = nil,
    _ change: (inout ChatSettings) -> Void = { _ in }
  ) throws -> Dialogue {
    var settings = ChatSettings()
    settings.sampler.temperature = 0.8
    settings.tokenLimit = 8
    change(&settings)
    return try Dialogue(
      model: LoadedModel(file: tiny.file(), threads: 1),
      reference: ModelReference(model: "tiny.gguf", contextLength: contextLength),
      settings: settings)
  }
}
