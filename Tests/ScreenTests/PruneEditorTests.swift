import Dials
import Events
import Screen
import Techniques
import Testing

struct PruneEditorTests {
  private func state(rows: Int = 50, columns: Int = 160) -> ScreenState {
    var state = ScreenState.chat()
    _ = state.update(.resized(rows: rows, columns: columns))
    return state
  }

  private func editor(of state: ScreenState) -> PruneEditor? {
    if case .pruning(let editor) = state.overlay { editor } else { nil }
  }

  private func press(_ keys: [Key], _ state: inout ScreenState) -> [Action] {
    keys.flatMap { state.update(.key($0)) }
  }

  @Test func `F4 and its command open the same editor, on what is left out now`() throws {
    var state = state()
    #expect(press([.function(4)], &state) == [])
    let opened = try #require(editor(of: state))
    #expect(opened.marked == state.policy.pruned)
    #expect(opened.cursor == opened.blockCount - 1)
    #expect(press([.function(4)], &state) == [])
    #expect(state.overlay == nil)
    #expect(state.type("/prune\n") == [])
    #expect(editor(of: state) == opened)
  }

  @Test func `Space marks, u takes back, Enter applies and compares`() throws {
    var state = state()
    let before = state.policy.pruned
    let last = (state.blockCount ?? 0) - 1
    #expect(press([.function(4), .down, .scalar("j"), .scalar(" ")], &state) == [])
    #expect(
      editor(of: state)?.marked.contains(BlockIndex(last - 2)) == !before.contains(
        BlockIndex(last - 2)))
    _ = press([.up, .scalar(" "), .scalar("u"), .scalar("u")], &state)
    #expect(editor(of: state)?.marked == before)
    _ = press([.scalar("u")], &state)
    #expect(state.hint == "nothing to undo")
    var expected = before
    expected.toggle(BlockIndex(last - 1))
    #expect(
      press([.scalar(" "), .enter], &state) == [.command(.prune(expected)), .command(.compare)])
    #expect(state.overlay == .comparison)
  }

  @Test func `nothing changed asks for nothing, Escape drops the marks`() {
    var state = state()
    #expect(press([.function(4), .enter], &state) == [])
    #expect(press([.function(4), .scalar(" "), .escape], &state) == [])
    #expect(state.overlay == nil)
    #expect(press([.function(4), .scalar(" "), .control("c")], &state) == [])
    #expect(state.overlay == nil)
  }

  @Test func `m measures once at a time, e exports what is marked, and the editor stays`() throws {
    var state = state()
    _ = press([.function(4)], &state)
    #expect(press([.scalar("m")], &state) == [.command(.measureBlocks)])
    _ = state.update(.progress(Progress("measuring blocks", share: 0.5)))
    #expect(draw(state).lines.contains { $0.contains("measuring blocks 50%") })
    #expect(press([.scalar("m")], &state) == [])
    #expect(press([.scalar("e")], &state) == [])
    #expect(state.hint == "something is being done already")
    _ = state.update(.progress(nil))
    while let marked = editor(of: state)?.marked, !marked.isEmpty {
      _ = press([.home], &state)
      while editor(of: state)?.marked.contains(BlockIndex(editor(of: state)?.cursor ?? 0)) == false
      {
        _ = press([.down], &state)
      }
      _ = press([.scalar(" ")], &state)
    }
    #expect(press([.scalar("e")], &state) == [])
    #expect(state.hint == "no block is marked: Space marks")
    _ = press([.home, .scalar(" ")], &state)
    let marked = try #require(editor(of: state)?.marked)
    #expect(press([.scalar("e")], &state) == [.command(.export(marked, to: nil))])
    #expect(editor(of: state)?.marked == marked)
    // What the program says about it is seen although the editor hides the conversation.
    _ = state.update(.notice(Notice(.information, "Wrote it.\nAnd more.")))
    #expect(state.hint == "Wrote it.")
    #expect(draw(state).lines.last?.contains("Wrote it.") == true)
  }

  @Test func `one block always stays`() {
    var editor = PruneEditor(blockCount: 3, marked: BlockSet(indices: [0, 1]))
    #expect(editor.cursor == 2)
    let hasMarkedLast = editor.toggle()
    #expect(!hasMarkedLast && editor.marked.count == 2)
    editor.move(-1)
    let hasUnmarked = editor.toggle()
    #expect(hasUnmarked && editor.marked == BlockSet(indices: [0]))
    let undone = [editor.undo(), editor.undo()]
    #expect(undone == [true, false])
    editor.move(-9)
    #expect(editor.cursor == 0)
    editor.move(9)
    #expect(editor.cursor == 2)
  }

  @Test func `costs and order are shown once they are known`() {
    var state = state()
    _ = press([.function(4)], &state)
    #expect(draw(state).lines.contains { $0.contains("m measures them") })
    let block = BlockIndex((state.blockCount ?? 1) - 2)
    _ = state.update(
      .blockFacts(BlockFacts(costs: [block: 0.0953], order: [BlockIndex(3), block])))
    let row = draw(state).lines.first {
      $0.contains("blk " + (block.rawValue > 99 ? "" : " ") + "\(block.rawValue)")
    }
    #expect(row?.contains("+10.0%") == true)
    #expect(row?.contains(" 2") == true)
  }

  @Test(arguments: [(24, 80), (50, 160), (30, 120), (10, 40), (3, 10)])
  func `the block under the cursor is in sight at any size`(rows: Int, columns: Int) throws {
    var state = state(rows: rows, columns: columns)
    _ = press([.function(4)], &state)
    let blockCount = try #require(state.blockCount)
    for step in 0..<blockCount {
      let frame = draw(state)
      let number = blockCount - 1 - step
      if rows >= 10 {
        #expect(
          frame.lines.contains {
            $0.hasPrefix(" > ") && $0.contains("blk") && $0.contains("\(number)")
          })
      }
      _ = press([.down], &state)
    }
  }
}
