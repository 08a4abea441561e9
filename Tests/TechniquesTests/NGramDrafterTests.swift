import Dials
import Techniques
import TestSupport
import Testing

/// What retrieval proposes, of the text at hand and of those before; no model is present.
struct NGramDrafterTests {
  private func tokens(_ ids: Int...) -> [TokenID] { ids.map { TokenID($0) } }

  private func draftTokens(
    _ drafter: NGramDrafter, _ text: [TokenID], _ draftTokens: [TokenID] = []
  ) -> [Int] {
    drafter.draftTokens(after: DraftPath(text: text, draftTokens: draftTokens)).map(\.token.index)
  }

  private func learn(_ text: [TokenID], _ drafter: inout NGramDrafter) {
    drafter.learn(from: VerifiedPass(text: text, tree: DraftTree(), accepted: [], choices: [[]]))
  }

  @Test func `retrieval finds the true continuation of a planted repeat`() {
    var generator = SeededGenerator(seed: 21)
    for _ in 0..<50 {
      var text = (0..<Int.random(in: 20...200, using: &generator)).map { TokenID($0) }
      let place = Int.random(in: 4..<text.count - 8, using: &generator)
      text += text[place..<place + 4]
      var drafter = NGramDrafter()
      drafter.begin(text)
      var path: [TokenID] = []
      for offset in 4..<8 {
        let draftToken = draftTokens(drafter, text, path)
        #expect(draftToken.first == text[place + offset].index)
        path.append(text[place + offset])
      }
    }
  }

  @Test func `retrieval finds nothing in a text without repeats`() {
    let text = (0..<100).map { TokenID($0) }
    var drafter = NGramDrafter()
    drafter.begin(text)
    for end in 1...100 { #expect(draftTokens(drafter, text, tokens(500 + end)) == []) }
    #expect(draftTokens(drafter, text) == [])
    #expect(draftTokens(NGramDrafter(), []) == [])
  }

  @Test func `the longest match wins, then the most frequent, then the latest`() {
    let text = tokens(1, 2, 3, 50, 9, 2, 3, 60, 8, 2, 3, 70, 1, 2, 3)
    var drafter = NGramDrafter()
    drafter.begin(text)
    #expect(draftTokens(drafter, text).first == 50)
    let latest = tokens(2, 3, 50, 9, 2, 3, 60, 7, 2, 3)
    drafter.begin(latest)
    #expect(draftTokens(drafter, latest).prefix(2) == [60, 50])
    let frequent = tokens(2, 3, 50, 9, 2, 3, 50, 8, 2, 3, 60, 7, 2, 3)
    drafter = NGramDrafter()
    drafter.begin(frequent)
    #expect(draftTokens(drafter, frequent).prefix(2) == [50, 60])
  }

  @Test func `a longer match has a better bin`() {
    let text = (0..<40).map { TokenID($0) }
    var drafter = NGramDrafter()
    drafter.begin(text)
    var chances: [Double] = []
    for length in [1, 2, 3, 4, 6, 10, 20] {
      let path = DraftPath(text: text, draftTokens: Array(text[..<length]))
      for draft in drafter.draftTokens(after: path).prefix(1) {
        chances.append(drafter.chances[draft.bin])
      }
    }
    #expect(chances.count == 7 && zip(chances, chances.dropFirst()).allSatisfy { $0 < $1 })
    #expect(drafter.chances.allSatisfy { (0...1).contains($0) })
  }

  @Test func `earlier texts are known, and every draft token has a chance`() {
    var generator = SeededGenerator(seed: 24)
    var drafter = NGramDrafter()
    drafter.begin(tokens(90, 91, 92, 93, 94))
    drafter.begin(tokens(80, 91, 92))
    #expect(draftTokens(drafter, tokens(80, 91, 92)) == [93])
    for _ in 0..<200 {
      let text = (0..<30).map { _ in TokenID(Int.random(in: 0..<4, using: &generator)) }
      drafter.begin(text)
      let found = drafter.draftTokens(after: DraftPath(text: text))
      #expect(!found.isEmpty && Set(found.map(\.token)).count == found.count)
      #expect(found.allSatisfy { drafter.chances.indices.contains($0.bin) })
    }
  }

  @Test(arguments: [1, 3, 1000])
  func `of a text without end the newest half of the room at least is known`(letters: Int) {
    var generator = SeededGenerator(seed: 23)
    let text = (0..<10_000).map { _ in TokenID(Int.random(in: 0..<letters, using: &generator)) }
    var grown = NGramDrafter(capacity: 512)
    for end in stride(from: 50, through: text.count, by: 50) {
      let part = Array(text[..<end])
      if end % 200 == 0 { grown.begin(part) } else { learn(part, &grown) }
      #expect((min(end, 256)...512).contains(grown.tokenCount))
    }
    for offset in stride(from: 16, through: 100, by: 7) {
      let place = text.count - offset
      let piece = Array(text[place - 12..<place])
      #expect(draftTokens(grown, text, tokens(5000) + piece).contains(text[place].index))
    }
  }

  @Test func `one long text is read as far as there is room`() {
    let text = (0..<10_000).map { TokenID($0 % 5000) }
    var drafter = NGramDrafter(capacity: 512)
    drafter.begin(text)
    #expect((256...512).contains(drafter.tokenCount))
    #expect(draftTokens(drafter, text, tokens(4900)).first == 4901)
    #expect(draftTokens(drafter, text, tokens(100)) == [])
  }

  @Test func `what was read before is not read again`() {
    let text = (0..<300).map { TokenID($0 % 70) }
    var drafter = NGramDrafter()
    drafter.begin(text)
    for _ in 0..<3 { drafter.begin(text) }
    #expect(drafter.tokenCount == 300)
    drafter.begin(text + tokens(1, 2, 3))
    #expect(drafter.tokenCount == 303)
    // Another answer to the same text.
    drafter.begin(text + tokens(1, 7))
    #expect(drafter.tokenCount == 304)
    #expect(draftTokens(drafter, text + tokens(1)).prefix(2) == [7, 2])
  }

  @Test func `an index that grew is the index of the whole`() {
    var generator = SeededGenerator(seed: 22)
    let text = (0..<300).map { _ in TokenID(Int.random(in: 0..<6, using: &generator)) }
    var grown = NGramDrafter()
    grown.begin(Array(text[..<100]))
    for end in 101...300 { learn(Array(text[..<end]), &grown) }
    var whole = NGramDrafter()
    whole.begin(text)
    for suffix in 0..<20 {
      let path = DraftPath(text: text, draftTokens: Array(text[suffix..<suffix + 3]))
      #expect(grown.draftTokens(after: path) == whole.draftTokens(after: path))
    }
  }

  @Test func `what was decided while nobody looked is on the way to the place`() {
    let text = (0..<50).map { TokenID($0) }
    var drafter = NGramDrafter()
    drafter.begin(text)
    #expect(draftTokens(drafter, text + tokens(7, 8)).first == 9)
    #expect(draftTokens(drafter, text + tokens(7), tokens(8)).first == 9)
    // A text that is not the one at hand.
    #expect(draftTokens(drafter, tokens(20, 21)).first == 22)
  }
}
