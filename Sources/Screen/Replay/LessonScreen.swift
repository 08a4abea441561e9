package import Events
package import Lessons

/// A lesson on the screen: a replay, and below it a box with the lesson's words.
///
/// The replay has the rows above the box to itself, so nothing of it is covered.
package struct LessonScreen: Scene, Hashable, Sendable {
  /// The replay under the lesson.
  package private(set) var replay: ReplayScreen
  /// The lesson.
  package let script: LessonScript

  private var rows = 24
  private var columns = 80
  /// The next order.
  private var next = 0
  /// What stands in the box.
  private var text = ""
  /// The question that was asked.
  private var question = ""
  /// The part of the text that is shown, where it is longer than the box.
  private var page = 0
  /// Where the replay is to stop; nil where a key is waited for.
  private var target: Int?

  /// The lesson over its recording.
  package init(_ script: LessonScript, over records: [Record]) {
    self.script = script
    replay = ReplayScreen(records, file: "lesson \(script.number)")
    replay.play(to: 0)
    advance()
  }

  /// Whether all orders are carried out.
  package private(set) var isDone = false

  /// What the box says now.
  package var words: String { text }

  // MARK: - Steps

  /// Carries out orders until one has to wait.
  private mutating func advance() {
    page = 0
    while next < script.orders.count {
      let order = script.orders[next]
      next += 1
      switch order {
      case .say(let words): text = words
      case .ask(let words):
        question = "Question: " + words
        text = question
      case .reveal(let words): text = question + "\n\n" + words
      case .pace(let rate):
        replay.set(.tokens(rate))
        continue
      case .look(let token):
        replay.look(at: token)
        continue
      case .play(let count):
        target = count
        replay.play(to: count)
      }
      return
    }
    isDone = true
    text =
      "That was lesson \(script.number). The recording is yours now: Space plays it again, , and . go "
      + "word by word, F2 looks at a word. Enter or q leaves."
  }

  /// Goes on as a person asks: the rest of the text, or the next order.
  private mutating func goOn() -> [Action] {
    if let target {
      replay.go(to: target)
      self.target = nil
      advance()
    } else if page + 1 < pages.count {
      page += 1
    } else if isDone {
      return [.quit]
    } else {
      advance()
    }
    return []
  }

  package mutating func pass(_ time: Duration) -> Bool {
    let hasChanged = replay.pass(time)
    guard let target, replay.playback.position >= target else { return hasChanged }
    self.target = nil
    advance()
    return true
  }

  package mutating func update(_ message: Message) -> [Action] {
    switch message {
    case .resized(let rows, let columns):
      (self.rows, self.columns) = (max(0, rows), max(0, columns))
      page = 0
      return replay.update(.resized(rows: self.rows - boxRows, columns: self.columns))
    case .key(.enter), .key(.newline): return goOn()
    case .key(.scalar(" ")) where !isDone: return goOn()
    case .key(.escape) where replay.state.overlay == nil: return [.quit]
    case .key(.control("d")): return [.quit]
    default: return replay.update(message)
    }
  }

  // MARK: - The picture

  private var textColumns: Int { max(1, columns - 3) }

  /// Rows of text in the box: for the longest text of the lesson, but not more than a third of the screen.
  private var textRows: Int {
    var longest = 1
    var asked = ""
    for order in script.orders {
      switch order {
      case .say(let words): longest = max(longest, Self.lines(words, textColumns).count)
      case .ask(let words): asked = "Question: " + words
      case .reveal(let words):
        longest = max(longest, Self.lines(asked + "\n\n" + words, textColumns).count)
      case .pace, .play, .look: break
      }
    }
    return min(longest, max(1, rows / 3 - 2))
  }

  private var boxRows: Int { rows >= 12 ? textRows + 2 : min(rows, 3) }

  private static func lines(_ text: String, _ columns: Int) -> [[Glyph]] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap {
      $0.isEmpty ? [[]] : Wrapping.lines(of: String($0), width: columns)
    }
  }

  /// The text in parts that fit the box.
  private var pages: [[[Glyph]]] {
    let lines = Self.lines(text, textColumns)
    let room = max(1, boxRows - 2)
    return stride(from: 0, to: max(1, lines.count), by: room).map {
      Array(lines[$0..<min(lines.count, $0 + room)])
    }
  }

  package func drawn() -> Frame {
    var frame = Frame(rows: rows, columns: columns)
    var above = frame.area
    var box = above.takeBottom(boxRows)
    frame.paste(replay.drawn(), in: above)
    let head = box.takeTop(1)
    frame.rule(in: head)
    frame.write(
      fitting: [
        (0, [Span(" Lesson \(script.number): \(script.title) ", .title)]),
        (1, [Span(" step \(next) of \(script.orders.count) ", .detail)]),
      ], separator: "──", in: head, column: 1)
    let foot = box.takeBottom(1)
    frame.write([Span(keys, .prompt)], in: foot, column: 1)
    let pages = pages
    for (row, line) in (pages.indices.contains(page) ? pages[page] : []).enumerated() {
      frame.write(line, .text, in: box, row: row, column: 1)
    }
    return frame
  }

  private var keys: String {
    if target != nil { return "playing … Enter skips ahead, p pauses, q leaves" }
    if page + 1 < pages.count { return "Enter: more of this text, q leaves" }
    if isDone { return "Enter or q leaves" }
    if case .reveal? = next < script.orders.count ? script.orders[next] : nil {
      return "Think first. Enter shows the answer, q leaves"
    }
    return "Enter goes on, q leaves"
  }
}
