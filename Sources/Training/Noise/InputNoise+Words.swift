import Reports

extension InputNoise: CustomStringConvertible {
  /// The settings in one line: `1-5 tokens in 0.5 of the texts`.
  package var description: String {
    let tokens =
      lengths.count == 1 ? "\(lengths.lowerBound)" : "\(lengths.lowerBound)-\(lengths.upperBound)"
    let times = segments == 1 ? "" : "\(segments) x "
    return "\(times)\(tokens) tokens in \(share) of the texts"
  }

  /// The lengths that `5` or `1-5` names; nil for what names none.
  package static func lengths(_ text: String) -> ClosedRange<Int>? {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(ends.count), let first = ends.first ?? nil, let last = ends.last ?? nil,
      1 <= first, first <= last
    else { return nil }
    return first...last
  }

  /// What the texts have room for, in a line for people: texts whose answers are too short stay clean, and
  /// are counted.
  func line(on texts: [TrainingText]) -> String {
    func tooShort(_ length: Int) -> Int { texts.count { !Self.fits(length, in: $0) } }
    let (never, partly) = (tooShort(lengths.lowerBound), tooShort(lengths.upperBound))
    var line = "noise: \(self)"
    if never > 0 {
      line += "; \(never.grouped) of \(texts.count.grouped) have answers too short for it and stay "
      line += "clean"
    }
    if partly > never {
      line += "; \((partly - never).grouped) stay clean when a longer segment is drawn"
    }
    return line
  }
}
