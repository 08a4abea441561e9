public import Dials

extension DialSettings {
  /// Checks that a model of `blockCount` blocks can be run with these settings.
  public func validate(blockCount: Int) throws(DialError) {
    if let dial = exit.unknown ?? unknownDials.first {
      throw DialError(
        .notation, typed: dial.word, problem: "this version does not know how to run it",
        remedy: "Use the version that the record names, or a later one")
    }
    try pruned.validate(blockCount: blockCount, typed: "\(pruned)")
    try exit.technique?.validate(blockCount: blockCount, typed: "\(exit)")
    if let shallowest = exit.depths.first, pruned.covers(0..<shallowest) {
      throw DialError(
        .nothingLeft, typed: "\(exit)",
        problem: "every block before the exit at \(shallowest) is pruned",
        remedy: "Exit deeper, or keep one of the blocks 0-\(shallowest - 1)")
    }
    guard (1...64).contains(draftLength) else {
      throw DialError(
        .range, typed: "\(draftLength)", problem: "a round drafts 1 to 64 tokens",
        remedy: "Write a number from 1 to 64")
    }
    if let shortHead, !ConfidenceMeasure.top1.thresholds.contains(shortHead) {
      throw DialError(
        .threshold, typed: "\(shortHead)", problem: "the short head's threshold is a probability",
        remedy: "Write a number from 0 to 1; with 1 only exits use it")
    }
    try budget.validate()
    if draft.sources.contains(.small), !budget.isOn {
      throw DialError(
        .notation, typed: "\(draft)",
        problem: "small feed-forwards draft where a budget says how many are small, and none does",
        remedy: "Set a budget such as 60%, or leave out small")
    }
    try draft.validate()
    try reach.validate()
  }
}
