import Corpus
import Evaluation
import Testing

/// Prompts on which guesses fail.
struct AdversePromptsTests {
  @Test func `every prompt stands there twice in a row, and the same call gives the same prompts`()
  {
    let questions = AdversePrompts.questions(3)
    #expect(questions.count == 3 * AdversePrompts.kinds.count * 2)
    #expect(questions.map(\.questionId) == Array(questions.indices))
    for index in stride(from: 0, to: questions.count, by: 2) {
      #expect(questions[index].turns == questions[index + 1].turns)
      #expect(questions[index].task == questions[index + 1].task)
      #expect(questions[index].temperature == questions[index + 1].temperature)
    }
    #expect(AdversePrompts.questions(3).map(\.turns) == questions.map(\.turns))
    #expect(AdversePrompts.questions(1).map(\.turns) == questions.prefix(8).map(\.turns))
  }

  @Test func `a kind is its own task, greedy or hot as its name says`() {
    for question in AdversePrompts.questions(2) {
      #expect(question.temperature == (question.task.hasSuffix("temperature 2") ? 2 : 0))
    }
    #expect(Set(AdversePrompts.questions(1).map(\.task)) == Set(AdversePrompts.kinds))
  }

  @Test func `new words hardly come twice, and shuffled ones are a dozen`() {
    for question in AdversePrompts.questions(4) {
      let words = question.turns[0].split(separator: " ")
      let distinct = Set(words).count
      if question.task.hasPrefix("new words") {
        #expect(words.count == 150 && distinct > 120)
      } else {
        #expect(words.count == 300 && distinct <= 12)
      }
    }
  }
}
