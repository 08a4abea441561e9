package import Events
import Foundation
import Reports

/// A recording as one page of HTML that needs nothing else: the conversation with its words coloured, and
/// with JavaScript a player, a map and an inspector.
///
/// What a model says may be anything. It stands in the page as text and nowhere else: escaped in markup,
/// escaped again in the data, and the script writes text nodes only.
package enum RecordingPage {
  /// The page. `dark` and `light` give its colours.
  package static func html(of records: [Record], dark: Theme, light: Theme) throws -> String {
    let recording = RecordingWords(records)
    let title = title(of: recording)
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
      style-src 'nonce-fathom'; script-src 'nonce-fathom'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(escaped(title))</title>
      <style nonce="fathom">
      :root { \(colors(of: dark, isLight: false)) }
      @media (prefers-color-scheme: light) { :root { \(colors(of: light, isLight: true)) } }
      \(text(PackageResources.page_css))</style>
      </head>
      <body>
      <h1>\(escaped(title))</h1>
      <p class="about">A recording of Fathom. The line under a word says how deep in the model it was decided: \
      the thicker, the deeper.</p>
      <noscript>The player, the map and the look at a word need JavaScript; the text does not.</noscript>
      \(player)
      <div class="columns">
      <main>
      \(talk(recording, records))
      </main>
      <aside class="side" hidden>
      <div class="scroll"><canvas id="map" width="10" height="10"></canvas></div>
      <p class="legend">Rows are blocks, the last on top; columns are words. Choose one.<br>\
      <i class="ran"></i> ran <i class="known"></i> known from here on <i class="exited"></i> left here \
      <i class="pruned"></i> pruned &#xA0; ~ the whole model takes another word</p>
      <div id="word"></div>
      </aside>
      </div>
      <script type="application/json" id="data">\(try data(recording))</script>
      <script nonce="fathom">
      \(text(PackageResources.page_js))</script>
      </body>
      </html>

      """
  }

  // MARK: - Pieces of the page

  private static let player = """
    <div class="player" hidden>
    <button id="last" title="an answer back ( [ )">&#xAB; answer</button>
    <button id="back" title="a word back ( , )">&#x2039; word</button>
    <button id="play" title="Space">Play</button>
    <button id="step" title="a word on ( . )">word &#x203A;</button>
    <button id="next" title="an answer on ( ] )">answer &#xBB;</button>
    <button id="mark" title="the next mark (m)">mark</button>
    <label>speed <select id="speed"><option value="0">as it was</option><option value="2">2 words/s</option>\
    <option value="5" selected>5 words/s</option><option value="20">20 words/s</option></select></label>
    <input id="slider" type="range" min="0" aria-label="place in the recording">
    <span id="where" class="legend"></span>
    </div>
    """

  private static func title(of recording: RecordingWords) -> String {
    guard let model = recording.session?.model else { return "A recording" }
    return "\(model.name.isEmpty ? model.file : model.name) \(model.fileType)"
  }

  /// What is said, every piece with the milliseconds before it.
  private static func talk(_ recording: RecordingWords, _ records: [Record]) -> String {
    let pauses = ReplayPace.pauses(of: records)
    var html = ""
    var isOpen = false
    func open(_ kind: String, _ wait: Int) {
      if isOpen { html += "</p>\n" }
      isOpen = true
      html += "<p class=\"\(kind)\" data-wait=\"\(wait)\">"
    }
    for (piece, record) in recording.pieces {
      let wait = Int(pauses[record].length / .milliseconds(1))
      switch piece {
      case .system(let text):
        open("system", wait)
        html += "<b>System</b>" + escaped(text)
      case .user(let text):
        open("you", wait)
        html += "<b>You</b>" + escaped(text)
      case .model:
        open("model", wait)
        html += "<b>Model</b>"
      case .word(let index): html += span(recording.words[index], index, wait: wait)
      case .mark(let text):
        open("mark", wait)
        html += escaped(text.isEmpty ? "mark" : text)
      case .note(let text):
        open("note", wait)
        html += escaped(text)
      }
    }
    return html + (isOpen ? "</p>" : "")
  }

  private static func span(_ word: RecordingWords.Word, _ index: Int, wait: Int) -> String {
    var classes = "w"
    if let step = step(of: word) { classes += " c\(step)" }
    if word.entry.isSame == false { classes += " differs" }
    let title = "\(word.facts.depth), sure \(word.facts.sure)"
    let text = word.token.special ? "\u{23CE}" : word.text
    return
      "<span id=\"w\(index)\" class=\"\(classes)\" data-wait=\"\(wait)\" title=\"\(escaped(title))\">"
      + escaped(text) + "</span>"
  }

  /// 1 to 5, early to late, as the screen colours words; nil where nobody knows.
  private static func step(of word: RecordingWords.Word) -> Int? {
    word.entry.knownAt.map { TextLook.Coloring.step(depth: $0, of: word.facts.blockCount) + 1 }
  }

  // MARK: - Data

  /// What the script is told of a word.
  private struct WordData: Encodable {
    let text: String
    let answer: Int
    let depth: String
    let known: Int?
    let same: Bool?
    let facts: [String]
    let choices: [Choice]
    let stairs: [Stair]
  }

  private struct Choice: Encodable {
    let text: String
    let share: Double

    func encode(to encoder: any Encoder) throws {
      var list = encoder.unkeyedContainer()
      try list.encode(text)
      try list.encode(share.isFinite ? share : 0)
    }
  }

  private struct Stair: Encodable {
    let blocks: String
    let choice: Choice

    func encode(to encoder: any Encoder) throws {
      var list = encoder.unkeyedContainer()
      try list.encode(blocks)
      try list.encode(choice.text)
      try list.encode(choice.share.isFinite ? choice.share : 0)
    }
  }

  private struct PageData: Encodable {
    let blocks: Int
    let words: [WordData]
  }

  private static func data(_ recording: RecordingWords) throws -> String {
    let blocks = recording.session?.model.nLayer ?? recording.words.first?.facts.blockCount ?? 0
    let words = recording.words.map { word in
      let facts = word.facts
      return WordData(
        text: word.token.special ? word.token.token.visible : word.text.visible,
        answer: word.answer, depth: "\(word.token.depth)".visible, known: word.entry.probe?.settled,
        same: word.entry.isSame,
        facts: ["\(facts.depth), sure \(facts.sure)"]
          + [facts.looks, facts.guess, facts.known].compactMap { $0?.visible }
          + (word.entry.isSame.map { [$0 ? "the whole model agrees" : "the whole model differs"] }
            ?? []),
        choices: facts.choices.map { Choice(text: $0.token.visible, share: $0.probability) },
        stairs: facts.staircase.map {
          Stair(blocks: $0.blocks, choice: Choice(text: $0.token.visible, share: $0.probability))
        })
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let json = try encoder.encode(PageData(blocks: blocks, words: words))
    return dataEscaped(String(decoding: json, as: UTF8.self))
  }

  // MARK: - Escapes

  /// Text for markup, inside and outside of attributes; control and direction marks as symbols.
  static func escaped(_ text: String) -> String {
    SVG.escaped(text.visibleLines).replacing("'", with: "&#39;").replacing("\"", with: "&quot;")
  }

  /// JSON for a script element: nothing in it can end the element or a line of the script.
  private static func dataEscaped(_ json: String) -> String {
    var text = ""
    text.reserveCapacity(json.utf8.count)
    for scalar in json.unicodeScalars {
      switch scalar {
      case "<", ">", "&", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func colors(of theme: Theme, isLight: Bool) -> String {
    let roles: [(String, Role)] =
      zip(["c1", "c2", "c3", "c4", "c5"], Role.amounts).map { ($0, $1) } + [
        ("ran", .ran), ("small", .small), ("skipped", .skipped), ("pruned", .pruned),
        ("exited", .exited), ("known", .amount2), ("differs", .differs), ("faint", .detail),
        ("line", .rule),
      ]
    let ground =
      isLight
      ? [("paper", "#ffffff"), ("ink", "#262626")] : [("paper", "#1c1c1c"), ("ink", "#d0d0d0")]
    let colors = roles.map { ($0, theme.styles[$1]?.color?.hexadecimal ?? ground[1].1) }
    return (ground + colors).map { "--\($0): \($1);" }.joined(separator: " ")
  }
}
