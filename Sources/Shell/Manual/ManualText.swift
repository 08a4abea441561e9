/// A manual page as it grows, in the language of `man`: every text that goes in is shown as it is.
package struct ManualText: Sendable {
  /// The page so far.
  package private(set) var text: String

  /// A page for the program `name` of section 1.
  package init(name: String, version: String, date: String, title: String) {
    text =
      ".TH \(name.uppercased()) 1 \"\(Self.escaped(date))\" \"\(Self.escaped("\(name) \(version)"))\" "
      + "\"\(Self.escaped(title))\"\n"
      // No hyphens of its own: what is shown can be typed.
      + ".nh\n.ad l\n"
  }

  /// Begins a section.
  package mutating func section(_ title: String) {
    text += ".SH \"\(Self.escaped(title.uppercased()))\"\n"
  }

  /// Begins a part of a section.
  package mutating func part(_ title: String) { text += ".SS \"\(Self.escaped(title))\"\n" }

  /// A paragraph for each of the blank-separated pieces of `words`.
  package mutating func paragraphs(_ words: String) {
    for piece in words.split(separator: "\n\n") { text += ".PP\n" + Self.lines(String(piece)) }
  }

  /// A term in bold with what it means.
  package mutating func item(_ term: String, _ words: String) {
    text += ".TP\n\\fB\(Self.escaped(term))\\fR\n" + Self.lines(words.isEmpty ? "-" : words)
  }

  /// Lines as they are.
  package mutating func literal(_ lines: [String]) {
    text += ".PP\n.nf\n.RS 4\n" + lines.map(Self.lines).joined() + ".RE\n.fi\n"
  }

  /// A text on lines of its own, none of which is a request.
  private static func lines(_ words: String) -> String {
    words.split(separator: "\n", omittingEmptySubsequences: true).map { line in
      let line = escaped(line.trimmingPrefix { $0 == " " })
      return (line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" : "") + line + "\n"
    }.joined()
  }

  private static func escaped(_ words: some StringProtocol) -> String {
    var text = ""
    for scalar in words.unicodeScalars {
      switch scalar {
      case "\\": text += "\\e"
      case "-": text += "\\-"
      case "\"": text += "\\(dq"
      case "'": text += "\\(aq"
      case "`": text += "\\(ga"
      case "^": text += "\\(ha"
      case "~": text += "\\(ti"
      case "\n": text += " "
      case _ where scalar.isASCII: text.unicodeScalars.append(scalar)
      default: text += "\\[u" + padded(String(scalar.value, radix: 16, uppercase: true)) + "]"
      }
    }
    // A long list without blanks may be broken behind a comma.
    return text.replacing(/,(?=\S)/, with: ",\\:")
  }

  private static func padded(_ digits: String) -> String {
    String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
