import Events

extension ScreenState {
  /// Unfolds what was thought, or folds it again.
  mutating func toggleThoughts() {
    if thoughts.isEmpty {
      hint = "the model has not thought yet"
      return
    }
    thoughts.areUnfolded.toggle()
    scrollTop = nil
    showThoughts()
  }

  /// Shows as much of all thoughts as is to be shown now.
  mutating func showThoughts() {
    for index in passages.indices where passages[index].speaker == .thought {
      passages[index].show(thoughts.extent(force?.thinking))
    }
    wrapPassages(lines: rows)
  }

  /// Takes in a record of the answer to message `turn`.
  mutating func grow(_ record: Record, turn: Int, token: Int? = nil) {
    thoughts.grow(
      &passages, by: record, turn: turn, token: token, width: textColumns,
      thoughts.extent(force?.thinking))
  }
}
