/// What was looked at, and what is to be done about it.
package struct Checkup: Sendable {
  /// One thing that was looked at.
  package struct Finding: Hashable, Codable, Sendable {
    /// Whether something is to be done.
    package enum Level: String, Hashable, Codable, Sendable {
      /// It is as it should be.
      case ok
      /// It works, and could be better.
      case warn
      /// Something will not work.
      case fail
    }

    /// Whether something is to be done.
    package var level: Level
    /// What was looked at, in a word or two.
    package var subject: String
    /// What was found.
    package var words: String
    /// What to do about it; nil where nothing is to be done.
    package var remedy: String?

    /// A finding.
    package init(_ level: Level, _ subject: String, _ words: String, remedy: String? = nil) {
      (self.level, self.subject, self.words, self.remedy) = (level, subject, words, remedy)
    }
  }

  /// What was found, in the order of looking.
  package private(set) var findings: [Finding] = []

  /// Nothing was looked at.
  package init() {}

  /// Adds something that is as it should be.
  package mutating func ok(_ subject: String, _ words: String) {
    findings.append(Finding(.ok, subject, words))
  }

  /// Adds something that could be better, with what to do.
  package mutating func warn(_ subject: String, _ words: String, _ remedy: String) {
    findings.append(Finding(.warn, subject, words, remedy: remedy))
  }

  /// Adds something that will not work, with what to do.
  package mutating func fail(_ subject: String, _ words: String, _ remedy: String) {
    findings.append(Finding(.fail, subject, words, remedy: remedy))
  }

  /// Whether everything will work.
  package var isSound: Bool { !findings.contains { $0.level == .fail } }

  /// A line for each finding, with its remedy on one of its own, and a line that counts them.
  package var lines: [String] {
    let width = findings.map(\.subject.count).max() ?? 0
    let found = findings.flatMap { finding -> [String] in
      let level = finding.level.rawValue.padded(to: 4)
      let line = "\(level)  \(finding.subject.padded(to: width))  \(finding.words)"
      guard let remedy = finding.remedy else { return [line] }
      return [line, String(repeating: " ", count: width + 8) + "> " + remedy]
    }
    let counts = [Finding.Level.warn, .fail].map { level in
      findings.count { $0.level == level }
    }
    let summary =
      counts == [0, 0]
      ? "everything is as it should be"
      : "\(counts[1]) that will not work, \(counts[0]) that could be better"
    return found + ["", summary]
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
