import Corpus
import Files
import Foundation
import Inference
package import Tokenization
package import Transformer

/// A file of JSON Lines to which a model's answers are added, so that a run can be made in portions.
package struct AnswerFile {
  private let file: LineFile

  /// The file at `path`, which need not exist, for answers to what `inputs` hold.
  package init(path: String, inputs: [String] = []) { file = LineFile(path, inputs: inputs) }

  /// The prompts that it holds.
  package var prompts: Set<[ChatMessage]> {
    get async throws {
      do { try file.check() } catch { throw TrainingError(error) }
      let data = try await PackedFile.contents(of: file.path)
      return data.isEmpty ? [] : Set(try DataFile(path: file.path, data: data).rows.map(\.prompt))
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
    do { try file.check() } catch { throw TrainingError(error) }
    var outcome = Outcome()
    OwnAnswers(of: base, length: writer.room).write(to: prompts, with: writer) { index, pair in
      outcome.count += 1
      outcome.tokenCount += pair.answer.count
      let text = base.model.tokenizer.decode(pair.answer)
      do { try file.append(Self.line(prompts[index], answer: text)) } catch {
        outcome.failure = TrainingError(FileError(error, .writing, path: file.path))
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
  }
}
