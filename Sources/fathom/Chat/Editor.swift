import Files
import Foundation
import Subprocess

/// The person's own editor, for a message that a line is too short for.
enum Editor {
  /// Opens `text` in `$VISUAL` or `$EDITOR` (else `vi`) and returns what was saved; the text as it
  /// was when the editor cannot run.
  static func edit(_ text: String, environment: [String: String]) async -> String {
    let file = FileManager.default.temporaryDirectory
      .appending(path: "fathom-\(UUID().uuidString).txt")
    defer { try? FileManager.default.removeItem(at: file) }
    let editor =
      [environment["VISUAL"], environment["EDITOR"]].compactMap { $0 }
      .first { !$0.isEmpty } ?? "vi"
    do {
      try OutputFile(file.path, mode: 0o600).write(Data(text.utf8))
      let result = try await Subprocess.run(
        .name("sh"), arguments: ["-c", "exec \(editor) \"$1\"", "sh", file.path],
        input: .currentStandardInput, output: .currentStandardOutput, error: .currentStandardError)
      guard result.terminationStatus.isSuccess else { return text }
      let saved = DecodedText(try FileReader.contents(of: file.path)).text
      return saved.hasSuffix("\n") ? String(saved.dropLast()) : saved
    } catch {
      return text
    }
  }
}
