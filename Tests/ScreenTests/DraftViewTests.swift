import Dials
import Events
import Foundation
import Screen
import Techniques
import TestSupport
import Testing

/// What the panel shows of guesses.
struct DraftViewTests {
  /// An answer whose passes verify these trees; each is given with the tokens that it decided.
  private struct Writer {
    var records: [Record] = []
    private var i = 0
    private var round = 0

    init() throws {
      var generator = SeededGenerator(seed: 61)
      guard case .session(var session) = Record.random(kind: "session", using: &generator) else {
        return
      }
      session.policy = DialSettings(draft: .auto)
      session.ctxSize = 100
      records = [
        .session(session),
        .turn(TurnRecord(turn: 1, role: .assistant, text: "", tNs: 0)),
      ]
      try token("First", nil)
    }

    mutating func token(_ text: String, _ spec: TokenRecord.Speculation?) throws {
      let exit = TokenRecord.Exit(layers: 4, reason: .full)
      records.append(
        .token(
          TokenRecord(
            turn: 1, i: i, pos: Position(i + 5), tNs: i, phase: .gen, id: TokenID(i), token: text,
            bytes: Array(text.utf8), special: false, logprob: -0.1, rank: 0, entropy: 0.2,
            margin: 0.5, u: nil, topLogprobs: [], depth: DepthLine(dense: 4), exit: exit,
            spec: spec, kv: .init(used: i + 5, bytes: 10, filled: 0),
            time: .init(total: 1000, blocks: 0, head: 0, probes: 0, sample: 0, fill: 0),
            cost: .init(macs: 10, macsFull: 10, bytesRead: 1))))
      i += 1
    }

    /// A pass over a chain of guesses, of which the first ones come true, and a sibling of the first.
    mutating func pass(
      _ guesses: [String], accepted: Int, then last: String, rest: Int? = nil
    )
      throws
    {
      var nodes = guesses.enumerated().map { index, text in
        DraftRecord.Node(
          id: TokenID(index), token: text, parent: index == 0 ? nil : index - 1, source: .ngram,
          p: 0.5, accepted: index < accepted)
      }
      nodes.append(
        DraftRecord.Node(
          id: TokenID(99), token: "other", parent: nil, source: .trigram, p: 0.25, accepted: false))
      for index in 0...accepted {
        let status: TokenRecord.Speculation.Status =
          index < accepted ? .accepted : accepted == guesses.count ? .bonus : .corrected
        try token(
          index < accepted ? guesses[index] : last,
          TokenRecord.Speculation(round: round, k: nodes.count, idx: index, status: status))
      }
      records.append(
        .draft(
          DraftRecord(
            turn: 1, round: round, kDrafted: nodes.count, kAccepted: accepted, draftLayers: 0,
            tDraftUs: 9, tVerifyUs: 99, nodes: nodes, rest: rest)))
      round += 1
    }

    mutating func plain(_ text: String) throws {
      try token(text, nil)
      round += 1
    }
  }

  private func lines(
    _ records: [Record], rows: Int = 50, columns: Int = 100, panel: String = "guesses"
  ) -> [String] {
    var state = ScreenState()
    _ = state.update(.resized(rows: rows, columns: columns))
    for record in records { _ = state.update(.record(record)) }
    _ = state.type("/panel \(panel)\n")
    return draw(state).lines
  }

  @Test func `the tree of the pass shows every guess with its source and what became of it`() throws
  {
    var writer = try Writer()
    try writer.pass(["alpha", "beta", "gamma"], accepted: 2, then: "delta")
    for columns in [100, 160] {
      let text = lines(writer.records, columns: columns).joined(separator: "\n")
      #expect(text.contains("pass 0: 4 guesses, 3 words"))
      #expect(text.contains(#/= "alpha" +ngram \.50/#))
      #expect(text.contains(#/  = "beta" +ngram/#))
      #expect(text.contains(#/    \+ "delta" +stands instead/#))
      #expect(text.contains(#/    x "gamma" +ngram/#))
      #expect(text.contains(#/x "other" +trigram \.25/#))
      // Side by side there is room for the sources.
      #expect(text.contains("ngram 2/3  trigram 0/1") == (columns > 120))
    }
  }

  @Test func `the strip counts the tokens of each pass`() throws {
    var writer = try Writer()
    try writer.pass(["a", "b"], accepted: 2, then: "c")
    try writer.plain("d")
    try writer.pass(["e"], accepted: 0, then: "f")
    let text = lines(writer.records).joined(separator: "\n")
    #expect(text.contains("words a pass 3··"))
    #expect(text.contains("1.67 words per pass"))
    #expect(text.contains("free, behind") == false)
  }

  @Test func `a rest is said until it is over`() throws {
    var writer = try Writer()
    try writer.pass(["a"], accepted: 0, then: "b", rest: 2)
    #expect(lines(writer.records).joined().contains("drafting rests for 2 passes: it did not pay"))
    try writer.plain("c")
    #expect(lines(writer.records).joined().contains("drafting rests for 1 passes"))
    try writer.plain("d")
    #expect(!lines(writer.records).joined().contains("drafting rests"))
  }

  @Test func `a panel replays from the saved lines, at any size`() throws {
    var writer = try Writer()
    for index in 0..<20 {
      try writer.pass(["a", "b", "c"], accepted: index % 4, then: "d", rest: index == 9 ? 8 : nil)
    }
    let replayed = try EventLog.records(in: EventLog.data(for: writer.records))
    for rows in stride(from: 1, through: 60, by: 7) {
      for columns in stride(from: 1, through: 180, by: 13) {
        #expect(
          lines(writer.records, rows: rows, columns: columns)
            == lines(replayed, rows: rows, columns: columns))
      }
    }
  }
}
