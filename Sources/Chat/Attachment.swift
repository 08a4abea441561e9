import Files
import Foundation

/// The text of a file that a person wants to say.
struct ReadFile: Hashable, Sendable {
  /// The file's name without its folder.
  let name: String
  /// What it says, without line breaks at its end.
  let text: String
  /// How it was read, where that is worth a word.
  let notice: String?

  /// The most bytes of a file.
  static let limit = 1 << 20

  /// Reads the text at `path`; throws a `ChatError` for what is no text, or a `FileError`.
  init(_ path: String) throws {
    guard path != "-" else {
      throw ChatError(
        "The standard input is where your messages come from: it cannot be read as a file. "
          + "Name a file.")
    }
    let path = HomeFolder.expand(path)
    if let kind = FileIdentity(path: path)?.kind, let problem = Self.problem(with: kind) {
      throw ChatError("\(path) \(problem). Name a file with text.")
    }
    let decoded = DecodedText(try FileReader.contents(of: path, limit: Self.limit))
    if decoded.text.unicodeScalars.contains("\0") {
      throw ChatError("\(path) is no text: it holds zero bytes. Name a file with text.")
    }
    text = String(decoded.text.reversed().drop(while: \.isNewline).reversed())
    guard !text.allSatisfy(\.isWhitespace) else {
      throw ChatError("\(path) is empty: there is nothing to say.")
    }
    name = URL(filePath: path).lastPathComponent
    notice = decoded.notice
  }

  private static func problem(with kind: FileIdentity.Kind) -> String? {
    switch kind {
    case .file: nil
    case .folder: "is a folder"
    case .pipe: "is a pipe, which may never end"
    case .characterDevice, .blockDevice: "is a device"
    case .socket: "is a socket"
    }
  }
}

/// What was read and is said with the next message.
struct Attachment: Hashable, Sendable {
  private var texts: [String] = []

  /// Whether nothing waits.
  var isEmpty: Bool { texts.isEmpty }

  /// Puts a file behind those that wait.
  mutating func add(_ file: ReadFile) { texts.append(file.text) }

  /// What is said: the files, then `message`. Nothing waits any more.
  mutating func take(before message: String) -> String {
    defer { texts = [] }
    return (texts + [message]).joined(separator: "\n\n")
  }
}
