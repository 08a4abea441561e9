import Events
import Techniques

/// A recording as a page and tables need it: what is said, piece by piece, and what is known of each word
/// when all is over.
struct RecordingWords {
  /// A word: a token of an answer.
  struct Word {
    /// The token.
    let token: TokenRecord
    /// The characters that it completed.
    let text: String
    /// The answer, from 1.
    let answer: Int
    /// What is known about it.
    var entry: ScreenState.TokenEntry

    /// What a record says of it, in words.
    var facts: WordFacts { WordFacts(token, probe: entry.probe) }
  }

  /// A piece of what is said.
  enum Piece {
    case system(String)
    case user(String)
    /// An answer begins, or goes on.
    case model
    /// A word, by its place in ``RecordingWords/words``.
    case word(Int)
    case mark(String)
    /// A line of the program's own, such as the figures of an answer.
    case note(String)
  }

  /// The words, in order.
  private(set) var words: [Word] = []
  /// What is said, and the records before each piece.
  private(set) var pieces: [(piece: Piece, record: Int)] = []
  /// What runs; nil where no record says so.
  private(set) var session: SessionRecord?

  /// What `records` hold.
  init(_ records: [Record]) {
    var renderer = PlainRenderer(showsUser: true)
    var force: SettingsInForce?
    var settings = AnswerSettings(policy: .plain)
    var reply = ReplyText()
    var answer = 0
    var places: [TokenPlace: Int] = [:]
    for (index, record) in records.enumerated() {
      let line = renderer.text(for: record)
      switch record {
      case .session(let record):
        session = record
        force = SettingsInForce(record)
        add(.note(line), index)
      case .turn(let turn):
        switch turn.role {
        case .system: add(.system(turn.text), index)
        case .user: add(.user(turn.text), index)
        case .assistant:
          if turn.text.isEmpty || answer == 0 { answer += 1 }
          settings = force?.settings(of: turn) ?? settings
          reply = ReplyText()
          add(.model, index)
        }
      case .token(let token):
        let text = reply.append(record)
        guard token.phase == .gen else { continue }
        places[TokenPlace(token)] = words.count
        add(.word(words.count), index)
        words.append(
          Word(
            token: token, text: text, answer: answer,
            entry: ScreenState.TokenEntry(token, settings: settings)))
      case .probe(let probe):
        let place = TokenPlace(turn: probe.turn, answer: probe.answer, i: probe.i)
        if let word = places[place] { words[word].entry.probe = probe }
      case .check(let check):
        for (i, isSame) in check.isSame.enumerated() {
          let place = TokenPlace(turn: check.turn, answer: check.answer, i: i)
          if let word = places[place] { words[word].entry.check = isSame }
        }
        add(.note(line), index)
      case .parameter(let change):
        force?.apply(change)
        add(.note(line), index)
      case .mark(let mark): add(.mark(mark.text), index)
      default: add(.note(line), index)
      }
    }
  }

  private mutating func add(_ piece: Piece, _ record: Int) {
    if case .note(let line) = piece {
      let text = line.trimmingSpaces
      if !text.isEmpty { pieces.append((.note(text), record)) }
    } else {
      pieces.append((piece, record))
    }
  }
}
