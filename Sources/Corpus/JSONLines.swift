import Foundation

/// One line of a file of JSON Lines.
struct JSONLine: Sendable {
  /// Its number in the file, from 1.
  let number: Int
  private let data: Data

  /// The lines of a file that are not blank.
  static func all(in data: Data) -> [JSONLine] {
    data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
      .filter { !$0.element.allSatisfy(\.isBlank) }
      .map { JSONLine(number: $0.offset + 1, data: Data($0.element)) }
  }

  /// What the line holds; an error where it is no JSON object.
  var fields: RowFields {
    get throws { try JSONDecoder().decode(RowFields.self, from: data) }
  }
}

extension UInt8 {
  /// Whether this is a space, a tab or the end of a line.
  var isBlank: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
}

/// The fields that are understood in a row, of all sorts of files; one that is missing, or that holds
/// something else than it should, is nil.
///
/// A request is `instruction` (`Instruction` in WizardLM's set), `question`, `prompt` or the first of
/// `turns`; `input`, `context`, or that of the first of Self-Instruct's `instances` stands behind it.
/// What is said to it is `output`, `response`, `answer` or `completion`.
struct RowFields: Decodable {
  struct Message: Decodable {
    var role: String
    var content: String
  }

  private struct Instance: Decodable {
    var input: String?
    var output: String?
  }

  /// Messages, oldest first.
  let messages: [Message]?
  /// What is asked.
  let request: String?
  /// What is answered.
  let answer: String?
  /// A text that nobody says.
  let text: String?
  /// What a person says, turn after turn.
  let turns: [String]?
  /// The number of a question.
  let questionId: Int?
  /// The kind of a question.
  let category: String?
  /// The temperature of its answers.
  let temperature: Float?

  private enum CodingKeys: String, CodingKey {
    case messages, turns, text, category, temperature, instances
    case instruction, question, prompt, input, context, output, response, answer, completion
    case wizardInstruction = "Instruction"
    case questionId = "question_id"
  }

  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    func first<Value: Decodable>(_ keys: CodingKeys...) -> Value? {
      keys.lazy.compactMap { try? fields.decode(Value.self, forKey: $0) }.first
    }
    messages = first(.messages)
    text = first(.text)
    turns = first(.turns)
    questionId = first(.questionId)
    category = first(.category)
    temperature = first(.temperature)
    let instances: [Instance]? = first(.instances)
    let instance = instances?.first
    answer = instance?.output ?? first(.output, .response, .answer, .completion)
    let asked: String? =
      first(.instruction, .wizardInstruction, .question, .prompt) ?? turns?.first
    let input: String? = instance?.input ?? first(.input, .context)
    request = asked.map { [$0, input ?? ""].filter { !$0.isEmpty }.joined(separator: "\n\n") }
  }
}
