import Foundation
package import Testing

/// `scripts/recompute.py`: what a record adds up to, reckoned without the program.
package struct Recomputation {
  /// What stands of one answer, or before a session's first one.
  package struct Section {
    /// `Answer 2, message 3: APPROXIMATE`.
    package var heading: String
    /// The lines below it.
    package var lines: [String]

    /// Whether it is about an answer.
    package var isAnswer: Bool { heading.hasPrefix("Answer ") }
    /// The tag that the answer stands under.
    package var tag: String { heading.split(separator: " ").last.map(String.init) ?? "" }
    /// The lines of `/stats`, and what plain mode writes of an answer: without the meters of cache and
    /// context and the words of the session.
    package var figures: [String] { lines.figures }
    /// Those of `/stats` alone.
    package var statistics: [String] { figures.filter { !$0.contains(Recomputation.sentence) } }
    /// The line that ends an answer, and the one of the whole model.
    package var sentences: [String] { figures.filter { $0.contains(Recomputation.sentence) } }
  }

  /// A line of plain mode with figures.
  fileprivate static var sentence: Regex<Substring> { /^(?:Stats|Check): .*/ }

  /// A program did not like what it read.
  package struct Failure: Error, CustomStringConvertible {
    /// What it said.
    package var description: String

    /// A failure of which a program said this.
    package init(description: String) { self.description = description }
  }

  /// Whether Python is on this machine.
  package static let isThere =
    (try? BuiltProgram.run("/usr/bin/env", ["python3", "--version"]).status) == 0

  private static let script = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "scripts/recompute.py").path

  /// What it writes about a file.
  package static func text(ofFile path: String, _ arguments: [String] = []) throws -> String {
    let result = try BuiltProgram.run("/usr/bin/env", ["python3", script, path] + arguments)
    guard result.status == 0 else { throw Failure(description: result.errors) }
    return result.output
  }

  /// The same, answer by answer.
  package static func sections(
    ofFile path: String, _ arguments: [String] = []
  ) throws -> [Section] {
    let lines = try text(ofFile: path, arguments).split(
      separator: "\n", omittingEmptySubsequences: false)
    var sections: [Section] = []
    for line in lines where !line.isEmpty {
      if line.contains(/^(?:Answer \d+, message \d+|Before answers): [A-Z]+$/) {
        sections.append(Section(heading: String(line), lines: []))
      } else if !sections.isEmpty {
        sections[sections.count - 1].lines.append(String(line))
      }
    }
    return sections
  }
}

extension Sequence<String> {
  /// The lines with figures of answers among these: those of plain mode, and labelled ones of `/stats` with
  /// the unlabelled lines that follow them.
  package var figures: [String] {
    let labels =
      /^(?:(?:Stats|Check): |(?:TEXT|AGREE|BYTES|WORK|SPEED|PACE|DEPTH|BUDGET|REACH|DRAFT|PASS|LENS|MADE|NEXT) +).*/
    var isBehindLabel = false
    return filter { line in
      let isLabelled = line.contains(labels)
      defer { isBehindLabel = isLabelled || isBehindLabel && line.hasPrefix("       ") }
      return isLabelled || isBehindLabel && line.hasPrefix("       ")
    }
  }
}

extension Trait where Self == ConditionTrait {
  /// Leaves a test out where Python is not, which `scripts/recompute.py` is written in.
  package static var needsPython: Self {
    .enabled(if: Recomputation.isThere, "no python3: figures are not recomputed; install it")
  }
}
