import Dials
import Techniques
import Testing

/// The drafter that asks a trained head.
struct LearnedDrafterTests {
  /// A head whose state is a count of guesses, and which guesses the token's successors.
  private struct Successors: GuessingHead {
    var bounds: [Float] = [0.2, 0.6]
    var chances = [0.1, 0.4, 0.8]
    var cost = 0.03

    func guess(
      behind token: TokenID, state: [Float]
    ) -> (choices: [TokenChoice], state: [Float]) {
      let step = Int(state[0]) + 1
      let choices = [0.7, 0.25, 0.04, 0.01].enumerated().map { rank, share in
        TokenChoice(token: TokenID(token.index + 10 * step + rank), share: Float(share))
      }
      return (choices, [Float(step)])
    }
  }

  private func path(_ drafts: [Int], stream: [Float]? = [0]) -> DraftPath {
    DraftPath(
      text: [1, 2, 3].map { TokenID($0) }, draftTokens: drafts.map { TokenID($0) }, stream: stream)
  }

  @Test func `a guess behind a guess goes on from its state`() {
    var drafter = LearnedDrafter(head: Successors())
    #expect(drafter.draftTokens(after: path([])).map(\.token.index) == [13, 14, 15])
    #expect(drafter.draftTokens(after: path([13])).map(\.token.index) == [33, 34, 35])
    #expect(drafter.draftTokens(after: path([13, 33])).map(\.token.index) == [63, 64, 65])
    // Any path, also one whose beginning nobody asked for.
    var other = LearnedDrafter(head: Successors())
    #expect(other.draftTokens(after: path([50, 60])).map(\.token.index) == [90, 91, 92])
  }

  @Test func `bins are those of the head, and unlikely guesses are left out`() {
    var drafter = LearnedDrafter(head: Successors())
    #expect(drafter.draftTokens(after: path([])).map(\.bin) == [2, 1, 0])
    #expect(drafter.chances == [0.1, 0.4, 0.8])
  }

  @Test func `without the stream nothing is guessed`() {
    var drafter = LearnedDrafter(head: Successors())
    #expect(drafter.draftTokens(after: path([], stream: nil)).isEmpty)
  }

  @Test func `another text is guessed anew`() {
    var drafter = LearnedDrafter(head: Successors())
    _ = drafter.draftTokens(after: path([]))
    drafter.begin([])
    let changed = drafter.draftTokens(after: path([], stream: [4]))
    #expect(changed.map(\.token.index) == [53, 54, 55])
  }

  @Test func `a model without a head has nobody who guesses`() {
    let named = DraftSetting([.learned])
    #expect(Catalogue.drafters(for: named, vocabularyCount: 10).isEmpty)
    let made = Catalogue.drafters(for: named, vocabularyCount: 10, head: Successors())
    #expect(made.map(\.source) == [.learned])
    // `auto` is the same setting for every model: a head joins where there is one.
    func sources(_ head: (any GuessingHead)?) -> [DraftSource] {
      Catalogue.drafters(for: .auto, vocabularyCount: 10, head: head).map(\.source)
    }
    let usual = DraftSetting.auto.sources.filter { $0 != .exit }
    #expect(sources(nil) == usual)
    #expect(Set(sources(Successors())) == Set(usual + [.learned]))
  }
}
