import Dials
import Events
import Screen
import Techniques
import Testing

/// What the screen says of an adapter, its gates, and what was read of the weights.
struct AdapterViewTests {
  private static let exit = ExitSetting.confidence(
    measure: .top1,
    points: [
      ExitPoint(depth: 22, threshold: 0.6, gate: 0.3),
      ExitPoint(depth: 25, threshold: 0.6, gate: 0.2),
    ])

  /// The recorded session with an adapter, exits taken at their word, and two tokens' bytes.
  private static func records() -> [Record] {
    var index = 0
    return RecordedSession.make().compactMap { record in
      switch record {
      case .session(var session):
        session.adapter = SessionRecord.Adapter(name: "Small exits", exits: [22], isBuiltIn: true)
        session.policy = DialSettings(exit: exit, mode: .approximate)
        return .session(session)
      case .parameter: return nil
      case .token(var token):
        index += 1
        token.cost.bytes = TokenRecord.Bytes(
          blocks: 500, head: 150, probes: 30, fill: index % 2 * 40, full: 1000)
        token.exit.gates = [
          GateReading(depth: 22, value: 0.25), GateReading(depth: 25, value: 0.5),
        ]
        return .token(token)
      case .end(var end):
        end.fill = EndRecord.Fill(macs: 0, bytesRead: 100)
        return .end(end)
      default: return record
      }
    }
  }

  private static func state(rows: Int, columns: Int) -> ScreenState {
    var state = ScreenState()
    _ = state.update(.resized(rows: rows, columns: columns))
    for record in records() { _ = state.update(.record(record)) }
    return state
  }

  @Test func `what is read is said part by part, and what was filled at the end belongs to it`()
    throws
  {
    let state = Self.state(rows: 50, columns: 200)
    let bytes = try #require(state.tally?.bytes)
    let count = try #require(state.tally?.tokenCount)
    #expect(bytes.full == 1000 * count && bytes.blocks == 500 * count)
    let tokens = state.tokens.map(\.record).filter {
      $0.phase == .gen && $0.turn == state.tally?.turn
    }
    let odd = tokens.count { $0.cost.bytes?.fill == 40 }
    #expect(bytes.fill == 40 * odd + 100)
    let share = Double(bytes.total) / Double(bytes.full) * 100
    let words = try #require(state.statistics.weightsRead)
    #expect(words == "weights read \(Int(share.rounded()))%")
    let parts = try #require(state.statistics.weightParts)
    #expect(parts.hasPrefix("blocks 50.0 head 15.0 probes 3.0 fill "))
    #expect(draw(state).lines.contains { $0.contains("weights  ") && $0.contains("looks 3") })
    #expect(state.statistics.sentence.contains(words))
  }

  @Test func `the title names the adapter, and the exits with their gates`() {
    var state = Self.state(rows: 50, columns: 240)
    let title = draw(state).lines[0]
    #expect(title.contains("adapter Small exits (built in)"))
    #expect(title.contains("exit top1>.60 at 22,25 gate .30/.20"))
    var gates: Set<String> = []
    _ = state.update(.key(.function(2)))
    for _ in 0..<40 {
      for line in draw(state).lines where line.contains("not asked: gate") { gates.insert(line) }
      _ = state.update(.key(.left))
    }
    #expect(gates.contains { $0.contains("after 22") && $0.contains("not asked: gate .25 < .30") })
  }

  @Test func `a change of the adapter is for the next answer`() {
    var state = Self.state(rows: 30, columns: 120)
    let shown = state.shown
    #expect(state.tally?.agreement?.all.checked ?? 0 > 0)
    let other = SessionRecord.Adapter(name: "Other", exits: [3])
    let change = ParameterRecord(
      key: "adapter", old: "Small exits", new: "Other", adapter: other, tNs: 0)
    _ = state.update(.record(.parameter(change)))
    #expect(state.next.adapter == other && state.shown == shown)
    let off = ParameterRecord(key: "adapter", old: "Other", new: "off", tNs: 0)
    _ = state.update(.record(.parameter(off)))
    #expect(state.next.adapter == nil && state.shown == shown)
  }

  @Test func `with an adapter that changes the model nothing is the whole model's`() {
    var settings = AnswerSettings(policy: .plain)
    #expect(settings.contract == .identical && settings.fullDepthIsWhole)
    settings.adapter = SessionRecord.Adapter(name: "LoRA", exits: [], changesModel: true)
    #expect(settings.contract == .approximate && !settings.fullDepthIsWhole)
    #expect(settings.promise == "LoRA changes the model")
  }
}
