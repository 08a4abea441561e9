import Dials
import Events
import Screen
import Techniques
import TestSupport
import Testing

/// What holds for every frame, whatever is drawn.
struct FrameTests {
  @Test(arguments: 0..<60)
  func `any messages at any size draw whole rows and never trap`(seed: UInt64) {
    var random = WildRecords(seed: seed)
    var state = ScreenState(
      stage: seed % 5 == 0 ? .replay(file: random.text()) : .chat, history: ["x"])
    for step in 0..<60 {
      switch random.number(0...3) {
      case 0: _ = state.update(.key(random.key()))
      case 1 where step % 8 == 0:
        _ = state.update(.notice(Notice(.error, random.text())))
        _ = state.update(.progress(Progress(random.text(2), share: .nan)))
      default: _ = state.update(.record(random.record()))
      }
      if step % 6 == 0 {
        let rows = random.number(0...60)
        let columns = random.number(0...200)
        _ = state.update(.resized(rows: rows, columns: columns))
      }
      let frame = draw(state)
      #expect(frame.rows == state.rows && frame.columns == state.columns)
      frame.expectWhole("seed \(seed), step \(step), \(state.columns)x\(state.rows)")
    }
  }

  @Test func `every size from nothing to large draws whole rows`() {
    let records = RecordedSession.make()
    for rows in [0, 1, 2, 3, 4, 7, 8, 13, 14, 17, 18, 21, 22, 24, 40, 60] {
      for columns in [
        0, 1, 2, 3, 5, 6, 7, 11, 12, 20, 35, 36, 59, 60, 71, 72, 79, 80, 119, 120, 121, 200,
      ] {
        var state = ScreenState.recorded(rows: rows, columns: columns, records: records)
        draw(state).expectWhole("\(columns)x\(rows)")
        _ = state.update(.key(.function(2)))
        draw(state).expectWhole("\(columns)x\(rows) inspecting")
        _ = state.update(.key(.function(1)))
        draw(state).expectWhole("\(columns)x\(rows) help")
      }
    }
  }

  @Test(arguments: [(24, 80), (50, 160), (10, 40), (3, 12)])
  func `the contract is on every screen of two rows and more`(rows: Int, columns: Int) {
    let end = ScreenState.recorded(rows: rows, columns: columns)
    let start = ScreenState.recorded(
      rows: rows, columns: columns, records: Array(RecordedSession.make().prefix(3)))
    #expect(start.policy.contract == .identical && end.policy.contract == .approximate)
    #expect(draw(end).cells.contains { $0.role == .approximate })
    #expect(draw(start).cells.contains { $0.role == .identical })
    #expect(!draw(start).cells.contains { $0.role == .approximate })
  }

  @Test func `a wide glyph is never cut in half`() {
    var frame = Frame(rows: 1, columns: 5)
    frame.write("日本語", .text, in: frame.area)
    #expect(frame.lines == ["日本 "])
    frame.write("x", .text, in: frame.area, column: 1)
    #expect(frame.lines == [" x本 "])
    frame.write("y", .text, in: frame.area, column: 2)
    #expect(frame.lines == [" xy  "])
    frame.expectWhole("overwritten")
  }

  @Test(arguments: 0..<20)
  func `changes applied to what is shown give the new frame`(seed: UInt64) {
    var random = WildRecords(seed: seed)
    var old = Frame(rows: 4, columns: 30)
    var new = old
    for row in 0..<4 {
      old.write(random.text(6).filter { !$0.isNewline }, .text, in: old.area, row: row)
      new.write(random.text(6).filter { !$0.isNewline }, .user, in: new.area, row: row)
    }
    var cells = old.cells
    for change in new.changes(since: old) {
      for (offset, cell) in change.cells.enumerated() {
        cells[change.row * new.columns + change.column + offset] = cell
      }
    }
    #expect(cells == new.cells)
    #expect(new.changes(since: new).isEmpty)
    #expect(new.changes(since: nil).count == 4)
  }

  @Test func `blocks that do not fit share cells that say how many`() {
    let line = DepthLine(parsing: "##x-!...") ?? DepthLine([])
    let cells = DepthCells(blocks: 8, room: 4)
    #expect(cells.blocksPerCell == 2 && cells.count == 4)
    #expect((0..<4).map { cells.mark($0, of: line) } == [.ran, .skipped, .exited, .notRun])
    #expect(DepthCells(blocks: 8, room: 100).blocksPerCell == 1)
    #expect(DepthCells(blocks: 8, room: 0).count == 0)
    #expect(DepthCells(blocks: 80, room: 34).count == 27)
  }
}
