import Corpus
import Foundation
import Inference
import Reports
package import Tokenization
package import Transformer

/// A file of JSON Lines to which a model's answers are added, so that a run can be made in portions.
package struct AnswerFile {
  private let path: String

  /// The file at `path`, which need not exist.
  package init(path: String) { self.path = path }

  /// The prompts that it holds.
  package var prompts: Set<[ChatMessage]> {
    get async throws {
      guard let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int,
        size > 0
      else { return [] }
      return Set(try await DataFile(path: path).rows.map(\.prompt))
    }
  }

  /// What came of a portion.
  package struct Outcome {
    /// Answers written.
    package var count = 0
    /// Their tokens.
    package var tokenCount = 0
    /// Why an answer could not be kept, if one could not.
    package var failure: TrainingError?
  }

  /// Adds the answers of `base` to `prompts`; `progress` hears how many are done. Ends early where the
  /// task is cancelled, and where the file cannot be written.
  package func add(
    answersTo prompts: [[ChatMessage]], by base: TuneBase, with writer: AnswerWriter,
    progress: (Int) -> Void = { _ in }
  ) throws(TrainingError) -> Outcome {
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    guard let file = FileHandle(forWritingAtPath: path), (try? file.seekToEnd()) != nil else {
      throw TrainingError(
        .cannotWrite, at: path, "it cannot be written. Check the folder and its permissions.")
    }
    defer { try? file.close() }
    var outcome = Outcome()
    OwnAnswers(of: base, length: writer.room).write(to: prompts, with: writer) { index, pair in
      outcome.count += 1
      outcome.tokenCount += pair.answer.count
      let text = base.model.tokenizer.decode(pair.answer)
      do { try file.write(contentsOf: Self.line(prompts[index], answer: text)) } catch {
        outcome.failure = TrainingError(
          .cannotWrite, at: path, "writing failed: \(error.systemReason).")
      }
      progress(outcome.count)
      return outcome.failure == nil && !Task.isCancelled
    }
    return outcome
  }

  private static func line(_ prompt: [ChatMessage], answer: String) throws -> Data {
    struct Row: Encodable { var messages: [ChatMessage] }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(Row(messages: prompt + [ChatMessage(.assistant, answer)]))
      + Data("\n".utf8)
  }
}
