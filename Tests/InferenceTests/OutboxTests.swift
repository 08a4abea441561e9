import Events
import Inference
import Testing

/// How records leave the engine.
struct OutboxTests {
  private static let end = Record.unknown(UnknownRecord(type: "other"))

  /// The record of a round.
  private static func record(_ round: Int) -> Record {
    .draft(
      DraftRecord(
        turn: 1, round: round, kDrafted: 0, kAccepted: 0, draftLayers: 0, tDraftUs: 0,
        tVerifyUs: 0))
  }

  @Test func `records of passes wait for each other, no longer than patience, in their order`() {
    var outbox = Outbox()
    var sent: [Int] = []
    var sizes: [Int] = []
    let begin = ContinuousClock().now
    for step in 0..<100 {
      var size = 0
      outbox.post(Self.record(step), at: begin + .milliseconds(step)) { record in
        if case .draft(let draft) = record { sent.append(draft.round) }
        size += 1
      }
      if size > 0 { sizes.append(size) }
    }
    #expect(sent == Array(0..<sent.count) && sent.count > 60)
    #expect(sizes.allSatisfy { Duration.milliseconds($0 - 1) <= Outbox.patience })
    #expect(sizes.count <= 8)
  }

  @Test func `everything else goes out at once, behind what waited`() {
    var outbox = Outbox()
    let begin = ContinuousClock().now
    var sent: [Record] = []
    for round in 0..<3 { outbox.post(Self.record(round), at: begin) { sent.append($0) } }
    #expect(sent.isEmpty)
    outbox.post(Self.end, at: begin) { sent.append($0) }
    #expect(sent == (0..<3).map { Self.record($0) } + [Self.end])
  }

  @Test func `a record of a slow pass goes out at once`() {
    var outbox = Outbox()
    let begin = ContinuousClock().now
    var count = 0
    for step in 1...5 {
      outbox.post(Self.record(step), at: begin + Outbox.patience * step + .seconds(1)) { _ in
        count += 1
      }
      #expect(count == step)
    }
  }
}
