import Dials
import Events
import Screen
import Testing

/// What the title says of a calibrated setting.
struct PresetViewTests {
  private func state(_ presets: String...) -> ScreenState {
    var state = ScreenState()
    _ = state.update(.resized(rows: 50, columns: 200))
    for record in RecordedSession.make() {
      if case .parameter = record { continue }
      _ = state.update(.record(record))
    }
    for preset in presets {
      _ = state.update(
        .record(.parameter(ParameterRecord(key: "preset", old: "", new: preset, tNs: 1))))
    }
    _ = state.update(.record(.turn(TurnRecord(turn: 9, role: .assistant, text: "", tNs: 2))))
    return state
  }

  /// The first line, and the roles under a word of it.
  private func title(
    _ state: ScreenState, under word: String
  ) -> (line: String, roles: Set<Screen.Role>) {
    let frame = draw(state)
    let line = frame.lines[0]
    guard let range = line.firstRange(of: word) else { return (line, []) }
    let start = line.distance(from: line.startIndex, to: range.lowerBound)
    return (line, Set((start..<start + word.count).map { frame[0, $0].role }))
  }

  @Test func `a preset whose certificate holds is named`() {
    let (line, roles) = title(state("balanced"), under: "preset balanced")
    #expect(line.contains("preset balanced") && !line.contains("uncertified"))
    #expect(roles == [.title])
  }

  @Test func `one that is certified for something else is dimmed, and says so in words`() {
    let state = state("balanced", "balanced, uncertified: another sampler")
    let (line, roles) = title(state, under: "preset balanced uncertified")
    #expect(line.contains("preset balanced uncertified"))
    #expect(roles == [.notRun])
  }

  @Test func `off is no preset, and neither is a new session`() {
    #expect(!title(state("saving", "off"), under: "preset").line.contains("preset"))
    var begun = state("saving")
    for record in RecordedSession.make().prefix(1) { _ = begun.update(.record(record)) }
    #expect(begun.shown.preset == .off)
  }
}
