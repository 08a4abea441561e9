import CScreen
import Files
import Foundation

/// What a person says line by line on the standard input, read without holding up anything else.
package enum PlainInput {
  /// One message per line, an empty one after a line that was broken off; `"""` at the start of one begins a
  /// message of many lines, `"""` at the end of a line ends it.
  ///
  /// At a terminal a line may be of any length, ``TypedLine`` says which keys there are, and ^C and ^Z are
  /// signals to the process group as ever. `notice` hears what a person should know of what else comes in.
  package static func lines(
    notice: @escaping @Sendable (String) -> Void = { _ in }
  ) -> AsyncStream<String> {
    AsyncStream { continuation in
      let thread = Thread {
        var quoted = QuotedLines()
        let take = { (line: String) in
          if let message = quoted.take(line) { continuation.yield(message) }
        }
        if cs_lines_begin() {
          readKeys(take) { wasTyping in
            // Nothing is said, but it is the person's turn again.
            if wasTyping || quoted.isOpen { continuation.yield("") }
            quoted = QuotedLines()
          }
          cs_lines_end()
        } else {
          var lines = TextLines()
          do throws(FileError) {
            try StandardStreams.read { bytes in
              for line in lines.take(bytes) { take(line) }
            }
          } catch {
            notice("\(error)")
          }
          lines.finish().forEach(take)
          if let words = lines.notice { notice("standard input: \(words)") }
        }
        if let message = quoted.finish() { continuation.yield(message) }
        continuation.finish()
      }
      thread.start()
    }
  }

  /// Reads keys until the end of the input: `take` gets each line, and `breakOff` hears of ^C.
  private static func readKeys(_ take: (String) -> Void, breakOff: (Bool) -> Void) {
    var parser = KeyParser()
    var line = TypedLine()
    var lastByte = ContinuousClock().now
    while let bytes = readBytes(patiently: !parser.isWaiting) {
      let now = ContinuousClock().now
      let keys =
        bytes.isEmpty ? parser.keys(afterPause: now - lastByte) : parser.keys(in: bytes)
      if !bytes.isEmpty { lastByte = now }
      var echo = ""
      for key in keys {
        let outcome = line.handle(key, echo: &echo)
        // What is typed stands there before anything answers to it.
        if outcome != .typing { write(&echo) }
        switch outcome {
        case .typing: break
        case .line(let text): take(text)
        case .interrupt(let wasTyping):
          breakOff(wasTyping)
          kill(0, SIGINT)
        case .suspend: cs_lines_suspend()
        case .end: return
        }
      }
      write(&echo)
    }
  }

  /// What was typed: at once if it may be nothing, else when there is something; nil at the end.
  private static func readBytes(patiently: Bool) -> [UInt8]? {
    var keyboard = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    let ready = poll(&keyboard, 1, patiently ? -1 : 20)
    if ready == 0 || (ready < 0 && errno == EINTR) { return [] }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(STDIN_FILENO, &bytes, bytes.count)
    if count < 0, errno == EINTR || errno == EAGAIN { return [] }
    return count > 0 ? Array(bytes.prefix(count)) : nil
  }

  /// Shows `echo` where it was typed, and empties it.
  private static func write(_ echo: inout String) {
    defer { echo = "" }
    guard cs_lines_echo(), !echo.isEmpty else { return }
    var rest = Array(echo.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(STDIN_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }
}
