import Dials
import TestSupport
import Testing

@Suite struct ReasoningSplitterTests {
  /// Both parts of an answer that comes in these pieces.
  private func split(_ pieces: [String], isOpen: Bool = false) -> (String, String) {
    var splitter = ReasoningSplitter(isOpen: isOpen)
    var (reasoning, answer) = ("", "")
    for part in pieces.flatMap({ splitter.take($0) }) + splitter.finish() {
      switch part {
      case .reasoning(let text): reasoning += text
      case .answer(let text): answer += text
      }
    }
    return (reasoning, answer)
  }

  @Test(arguments: [
    ("<think>\nhm\n</think>\n\nyes", "hm\n", "yes"), ("yes", "", "yes"), (" \n yes", "", " \n yes"),
    ("<think>\n\n</think>\n\nyes <think>", "", "yes <think>"),
    ("a <think>b</think>", "", "a <think>b</think>"),
    ("<think>a < b </thin", "a < b </thin", ""), ("<thinking", "", "<thinking"),
    ("<thi", "", "<thi"),
    ("", "", ""), ("\n<think>é</think>ü</think>", "é", "ü</think>"),
  ])
  func `in which pieces an answer comes makes no difference`(
    text: String, reasoning: String, answer: String
  ) {
    #expect(split([text]) == (reasoning, answer))
    #expect(split(text.map(String.init)) == (reasoning, answer))
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<50 {
      var (pieces, rest) = ([String](), text[...])
      while !rest.isEmpty {
        let count = Int.random(in: 1...4, using: &generator)
        pieces.append(String(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      #expect(split(pieces) == (reasoning, answer))
    }
  }

  @Test func `reasoning that the prompt began has no opening mark`() {
    #expect(split(["hm", "</thi", "nk>", "\nyes"], isOpen: true) == ("hm", "yes"))
  }

  @Test func `what is certain is given at once`() {
    var splitter = ReasoningSplitter()
    #expect(splitter.take("<think>abc</th") == [.reasoning("abc")])
    #expect(splitter.isReasoning)
    #expect(splitter.take("ink>\n") == [])
    #expect(splitter.take("x") == [.answer("x")])
    #expect(splitter.take("y</think>") == [.answer("y</think>")])
  }
}
