import Events
import Screen
import TestSupport
import Testing

/// Where a replay goes by time and by keys.
struct PlaybackTests {
  private static let records = RecordedSession.make()

  private static func replay(
    _ records: [Record] = records, rows: Int = 30, columns: Int = 100
  ) -> ReplayScreen {
    var replay = ReplayScreen(records, file: "a.jsonl")
    _ = replay.update(.resized(rows: rows, columns: columns))
    return replay
  }

  private static func press(_ keys: String, in replay: inout ReplayScreen) {
    for scalar in keys.unicodeScalars { _ = replay.update(.key(.scalar(scalar))) }
  }

  /// The picture of a fold over the first records.
  private static func picture(of count: Int, _ records: [Record] = records) -> [String] {
    var state = ScreenState(stage: .replay(file: "a.jsonl"))
    _ = state.update(.resized(rows: 30, columns: 100))
    for record in records.prefix(count) { _ = state.update(.record(record)) }
    return draw(state).lines.dropLast(2)
  }

  @Test func `all of it comes in the time that it took`() {
    var playback = Playback(Self.records)
    let length = ReplayPace.pauses(of: Self.records).reduce(Duration.zero) { $0 + $1.length }
    #expect(playback.pass(length - .milliseconds(1)).count < Self.records.count)
    _ = playback.pass(.milliseconds(2))
    #expect(playback.isAtEnd)
  }

  @Test func `a paused replay stands still, and time goes on from there`() {
    var playback = Playback(Self.records)
    playback.isPaused = true
    #expect(playback.pass(.seconds(100)).isEmpty)
    playback.isPaused = false
    #expect(playback.pass(.zero).count == 1)
  }

  @Test func `slow motion stretches answers and no pause between them`() {
    let pauses = ReplayPace.pauses(of: Self.records)
    let firsts = Self.records.indices.filter { index in
      if case .turn = Self.records[index] { true } else { false }
    }
    for index in firsts {
      #expect(pauses[index].wait(at: .times(0.25)) == pauses[index].length)
      #expect(pauses[index].wait(at: .times(4)) == pauses[index].length / 4.0)
    }
    let slow = pauses.map { $0.wait(at: .times(0.5)) }.reduce(.zero, +)
    let whole = pauses.map(\.length).reduce(.zero, +)
    #expect(slow > whole && slow < whole * 2)
  }

  @Test func `at a steady pace every word behind the first takes as long`() {
    let waits = zip(Self.records, ReplayPace.pauses(of: Self.records)).compactMap {
      if case .token(let token) = $0, token.phase == .gen, token.i > 0 {
        $1.wait(at: .tokens(5))
      } else {
        nil as Duration?
      }
    }
    #expect(waits.count > 20 && waits.allSatisfy { $0 == .seconds(0.2) })
  }

  @Test func `any way through a replay shows what the records up to there are`() {
    var generator = SeededGenerator(seed: 23)
    var replay = Self.replay()
    for _ in 0..<200 {
      switch Int.random(in: 0...3, using: &generator) {
      case 0: replay.go(to: Int.random(in: -2...Self.records.count + 2, using: &generator))
      case 1: _ = replay.pass(.milliseconds(Int.random(in: 0...900, using: &generator)))
      default:
        let keys = Array(".,[]mM +-".unicodeScalars)
        _ = replay.update(.key(.scalar(keys[Int.random(in: 0..<keys.count, using: &generator)])))
      }
      #expect(replay.state.rows == 30)
      let frame = replay.drawn()
      #expect(Array(frame.lines.dropLast(2)) == Self.picture(of: replay.playback.position))
    }
  }

  @Test func `a long replay goes back by its kept states`() throws {
    let token = try #require(Self.records.first { if case .token = $0 { true } else { false } })
    let long = Self.records + Array(repeating: token, count: 3000)
    var replay = Self.replay(long)
    replay.go(to: long.count)
    for place in [2600, 1024, 700, 3] {
      replay.go(to: place)
      #expect(Array(replay.drawn().lines.dropLast(2)) == Self.picture(of: place, long))
    }
  }

  @Test func `keys go by words, answers and marks`() {
    let mark = Record.mark(MarkRecord(turn: 2, text: "here", tNs: 0))
    let middle = Self.records.count / 2
    var records = Self.records
    records.insert(mark, at: middle)
    var replay = Self.replay(records)
    Self.press("..", in: &replay)
    #expect(replay.playback.progress.first?.shown == 2)
    Self.press(",", in: &replay)
    #expect(replay.playback.progress.first?.shown == 1)
    Self.press("m", in: &replay)
    #expect(replay.playback.position == middle + 1)
    #expect(replay.drawn().lines.contains { $0.contains("── here ──") })
    Self.press("m", in: &replay)
    #expect(replay.playback.position == middle + 1 && replay.state.hint == "there is none")
    _ = replay.update(.key(.home))
    for shown in 1...2 {
      Self.press("]", in: &replay)
      #expect(replay.playback.progress[1].shown == shown)
    }
    Self.press("[", in: &replay)
    #expect(replay.playback.progress[1].shown == 1)
    Self.press("]]", in: &replay)
    #expect(replay.playback.isAtEnd)
  }

  @Test func `the line below says where it stands, and a cut file that it is cut`() {
    var replay = ReplayScreen(Self.records, file: "a", ending: "the file is cut off here")
    _ = replay.update(.resized(rows: 24, columns: 80))
    Self.press(".-", in: &replay)
    let line = replay.drawn().lines[22]
    #expect(line.contains("paused") && line.contains("word 1/") && line.contains("x1/2"))
    _ = replay.update(.key(.end))
    #expect(replay.drawn().lines[22].contains("the file is cut off here"))
    #expect(Self.records.count == replay.playback.position)
  }

  @Test func `what is looked at stays looked at while the replay moves`() {
    var replay = Self.replay()
    Self.press("......", in: &replay)
    _ = replay.update(.key(.function(2)))
    _ = replay.update(.key(.left))
    let overlay = replay.state.overlay
    Self.press(".", in: &replay)
    #expect(replay.state.overlay == overlay)
    Self.press(",,", in: &replay)
    #expect(replay.state.overlay == overlay)
    replay.go(to: 0)
    #expect(replay.state.overlay == nil)
  }
}
