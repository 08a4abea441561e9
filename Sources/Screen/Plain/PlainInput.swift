import Foundation

/// The lines of the standard input, read without holding up anything else.
package enum PlainInput {
  /// One element per line; `"""` on a line of its own begins and ends a text of many lines.
  package static func lines() -> AsyncStream<String> {
    AsyncStream { continuation in
      let thread = Thread {
        var block: [String]?
        while let line = readLine() {
          if line == "\"\"\"" {
            if let lines = block {
              continuation.yield(lines.joined(separator: "\n"))
              block = nil
            } else {
              block = []
            }
          } else if block != nil {
            block?.append(line)
          } else {
            continuation.yield(line)
          }
        }
        if let lines = block { continuation.yield(lines.joined(separator: "\n")) }
        continuation.finish()
      }
      thread.start()
    }
  }
}
