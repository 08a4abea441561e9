import Dials
package import Events
import Reports
import Techniques

/// The conversation as lines of text, for pipes, for terminals that can do nothing else and for people
/// who listen to the screen: role labels, no boxes, no escape sequences, one line of numbers after each
/// answer.
///
/// A fold, as ``ScreenState`` is: the same records give the same text.
package struct PlainRenderer: Sendable {
  /// Whether messages of the person are written too (a replay), or are already on the screen.
  package var showsUser: Bool
  /// How to go on with an answer that was stopped because it runs in a circle; empty where nobody can.
  package let wayOn: String

  private var force: SettingsInForce?
  private var session: SessionRecord?
  private var tally: AnswerTally?
  private var tokens: [TokenRecord] = []
  private var reply = ReplyParts()
  private var isLineOpen = false

  /// A renderer that has seen nothing.
  package init(showsUser: Bool = false, wayOn: String = "") {
    self.showsUser = showsUser
    self.wayOn = wayOn
  }

  /// The text to write for a record; often empty.
  package mutating func text(for record: Record) -> String {
    tally?.add(record)
    switch record {
    case .session(let session): return begin(session)
    case .turn(let turn): return begin(turn)
    case .token(let token): return add(token)
    case .check: return statistics.check.map { line($0) } ?? ""
    case .parameter(let change):
      force?.apply(change)
      if let session = change.session {
        self.session = session
        return ""
      }
      if let said = change.said(isHeard: showsUser) { return said.isEmpty ? "" : line(said) }
      return line(
        "Set: \(change.key) from \(change.old) to \(change.new)"
          + (tally == nil || !change.isForNextAnswer ? "" : ", for the next answer"))
    case .comparison(let comparison): return text(for: comparison.notice)
    case .measure(let measure): return text(for: measure.notice)
    case .mark(let mark): return line(mark.line)
    case .end(let end): return finish(end)
    case .draft, .probe, .unknown: return ""
    }
  }

  /// A notice as a line of its own.
  package mutating func text(for notice: Notice) -> String {
    switch notice.kind {
    case .information: line(notice.text)
    case .warning: line("Note: \(notice.text)")
    case .error: line("Error: \(notice.text)")
    }
  }

  /// The numbers of the newest answer, for `/stats`.
  package var statistics: Statistics {
    Statistics(
      tally: tally, next: force?.next ?? AnswerSettings(policy: .plain),
      blockCount: session?.model.nLayer, load: session?.load)
  }

  /// What another threshold would have made of the newest answer, for `/whatif`.
  package var whatIf: [String] {
    tally.flatMap { WhatIf($0, tokens) }.map(WhatIfView.lines) ?? [WhatIf.nothingToAsk]
  }

  // MARK: - Records

  private mutating func begin(_ session: SessionRecord) -> String {
    self = PlainRenderer(showsUser: showsUser, wayOn: wayOn)
    force = SettingsInForce(session)
    self.session = session
    let name = session.model.name.isEmpty ? session.model.file : session.model.name
    let dials = [session.policy.exit.label] + session.policy.unknownDials.map(\.label)
    return line(
      "Model: \(name) \(session.model.fileType), \(session.model.nLayer) blocks, "
        + "context \(session.ctxSize), \(dials.joined(separator: ", ")), "
        + "text \(session.settings.contract.rawValue)"
        + (session.adapter.map { ", \($0.label)" } ?? "")
        + (session.load.map { "; \($0.words)" } ?? ""))
  }

  private mutating func begin(_ turn: TurnRecord) -> String {
    switch turn.role {
    case .system: return showsUser ? line("System: \(turn.text)") : ""
    case .user: return showsUser ? line("You: \(turn.text)") : ""
    case .assistant:
      // What it goes on from stands there already.
      let goesOn = !turn.text.isEmpty && tally?.turn == turn.turn
      tokens = []
      tally = AnswerTally(
        turn, settings: force?.settings(of: turn) ?? AnswerSettings(policy: .plain))
      let opening = closeLine() + (goesOn ? "Model goes on: " : "Model: ")
      isLineOpen = true
      let begun = said(in: .turn(turn), saysThinking: !goesOn)
      return opening + (goesOn ? "" : begun)
    }
  }

  private mutating func add(_ token: TokenRecord) -> String {
    guard token.phase == .gen else { return "" }
    // As many as the screen keeps.
    if tokens.count < TokenShelf.tokenLimit { tokens.append(token) }
    if token.special { return "" }
    let text = said(in: .token(token))
    if !text.isEmpty { isLineOpen = true }
    return text
  }

  private mutating func finish(_ end: EndRecord) -> String {
    var text = said(in: .end(end)) + closeLine()
    switch end.reason {
    case .stop: break
    case .length: text += line(end.saying("Stopped: the limit on new tokens is reached."))
    case .interrupt: text += line(end.saying("Stopped."))
    case .context: text += line("Note: \(end.saying(EndRecord.fullContext))")
    case .circle: text += line("Stopped: \(end.saying(then: wayOn))")
    case .error: text += line("Error: \(end.message ?? "the answer failed.")")
    default: text += line(end.unknownReason)
    }
    return text + line(statistics.sentence)
  }

  /// What a record adds to the answer. Of a thought that is hidden only a word is written, as it begins.
  private mutating func said(in record: Record, saysThinking: Bool = true) -> String {
    let piece = reply.append(record)
    guard force?.thinking == .hide else { return piece.text.visibleLines }
    return (piece.beginsThought && saysThinking ? "(thinking) " : "") + piece.said.visibleLines
  }

  // MARK: - Lines

  private mutating func line(_ text: String) -> String { closeLine() + text.visibleLines + "\n" }

  /// What ends a line that is open, where something else comes between.
  package mutating func closeOpenLine() -> String { closeLine() }

  private mutating func closeLine() -> String {
    defer { isLineOpen = false }
    return isLineOpen ? "\n" : ""
  }
}

extension Statistics {
  /// The numbers in one line.
  package var sentence: String {
    let parts = [
      tally.map { "\($0.tokenCount) tokens" }, speed, pace, yardstick, weightsRead, arithmetic,
      wrongDrafts, meanDepth.map { "mean depth \($0)" }, feedForwards, sight,
      drafts.map { "drafts accepted \($0)" }, passes, "text \(settings.contract.rawValue)",
    ]
    return "Stats: " + parts.compactMap { $0 }.joined(separator: ", ")
  }

  /// What the whole model says, in one line; nil where it was not asked.
  package var check: String? {
    agreed.map { agreed in
      "Check: the whole model takes \(agreed)"
        + (agreedEarly.map { "; of those that left early, \($0)" } ?? "")
    }
  }
}
