import Dials
import Events
import Techniques

extension ScreenState {
  /// Opens the prune editor, or closes it.
  mutating func togglePruning() {
    if case .pruning = overlay {
      overlay = nil
    } else if let blockCount {
      overlay = .pruning(PruneEditor(blockCount: blockCount, marked: next.policy.pruned))
    } else {
      hint = "no model, no blocks"
    }
  }

  /// What a key means in the prune editor; nil when it means there what it means everywhere.
  mutating func press(_ key: Key, in editor: PruneEditor) -> [Action]? {
    var editor = editor
    switch key {
    case .up, .scalar("k"): editor.move(1)
    case .down, .scalar("j"): editor.move(-1)
    case .pageUp: editor.move(10)
    case .pageDown: editor.move(-10)
    case .home: editor.move(editor.blockCount)
    case .end: editor.move(-editor.blockCount)
    case .scalar(" "): if !editor.toggle() { hint = "one block at least must stay" }
    case .scalar("u"): if !editor.undo() { hint = "nothing to undo" }
    case .enter: return applyPruning(editor)
    case .scalar("m"): return measureBlocks()
    case .scalar("e"): return export(editor)
    case .escape, .control("c"), .scalar("q"):
      overlay = nil
      return []
    case .function, .control: return nil
    default: hint = "Space marks, Enter applies, u undoes, m measures, e exports, Esc leaves"
    }
    overlay = .pruning(editor)
    return []
  }

  /// Asks for the cost of each block, once at a time.
  mutating func measureBlocks() -> [Action] {
    guard progress == nil else {
      hint = "something is being done already"
      return []
    }
    hint = "measuring each block on a text that the model wrote"
    return [.command(.measureBlocks)]
  }

  /// Asks for a file without the marked blocks; the editor stays.
  private mutating func export(_ editor: PruneEditor) -> [Action] {
    if refusesWhileAnswering() { return [] }
    guard progress == nil else {
      hint = "something is being done already"
      return []
    }
    guard !editor.marked.isEmpty else {
      hint = "no block is marked: Space marks"
      return []
    }
    hint = "writing the model without \(editor.marked)"
    return [.command(.export(editor.marked, to: nil))]
  }

  private mutating func applyPruning(_ editor: PruneEditor) -> [Action] {
    if refusesWhileAnswering() { return [] }
    overlay = nil
    guard editor.marked != next.policy.pruned else { return [] }
    Comparing.begin(in: &self)
    return [.command(.prune(editor.marked)), .command(.compare)]
  }
}
