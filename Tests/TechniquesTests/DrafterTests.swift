import Dials
import Techniques
import TestSupport
import Testing

/// What each drafter proposes and learns; no model is present.
struct DrafterTests {
  private func tokens(_ ids: Int...) -> [TokenID] { ids.map { TokenID($0) } }

  private func draftTokens(
    _ drafter: some Drafter, _ text: [TokenID], _ draftTokens: [TokenID] = []
  ) -> [Int] {
    var drafter = drafter
    let path = DraftPath(text: text, draftTokens: draftTokens)
    return drafter.draftTokens(after: path).map(\.token.index)
  }

  private func look(_ ids: Int...) -> [TokenChoice] {
    ids.enumerated().map { TokenChoice(token: TokenID($1), share: 0.8 / Float($0 + 1)) }
  }

  // MARK: - Tables

  @Test func `recycling gives back what was seen at the same token, rejected rows too`() {
    var drafter = RecyclingDrafter(vocabularyCount: 100)
    var tree = DraftTree()
    tree.append(TokenID(11), after: nil, source: .ngram)
    tree.append(TokenID(12), after: nil, source: .ngram)
    drafter.learn(
      from: VerifiedPass(
        text: tokens(1, 10, 11, 20), tree: tree, accepted: [0],
        choices: [look(11, 13), look(20, 21), look(30, 31, 32)]))
    #expect(draftTokens(drafter, tokens(10)) == [11, 13])
    #expect(draftTokens(drafter, tokens(11)) == [20, 21])
    #expect(draftTokens(drafter, tokens(1), tokens(12)) == [30, 31, 32])
    #expect(draftTokens(drafter, tokens(99)) == [])
    drafter.learn(
      from: VerifiedPass(
        text: tokens(10, 40), tree: DraftTree(), accepted: [], choices: [look(40)]))
    #expect(draftTokens(drafter, tokens(10)) == [40])
  }

  @Test func `trigrams tell apart what follows different tokens, and old looks fade`() {
    var drafter = TrigramDrafter()
    func learn(_ text: [TokenID], _ choices: [TokenChoice]) {
      drafter.learn(
        from: VerifiedPass(text: text, tree: DraftTree(), accepted: [], choices: [choices]))
    }
    learn(tokens(1, 5, 50), look(50, 51))
    learn(tokens(2, 5, 60), look(60, 61))
    #expect(draftTokens(drafter, tokens(1, 5)) == [50, 51])
    #expect(draftTokens(drafter, tokens(2), tokens(5)) == [60, 61])
    #expect(draftTokens(drafter, tokens(3, 5)) == [])
    for _ in 0..<3 { learn(tokens(1, 5, 70), look(70)) }
    #expect(draftTokens(drafter, tokens(1, 5)).first == 70)
    #expect(draftTokens(drafter, tokens(1, 5)).contains(50))
  }

  @Test func `the trigram table is limited, and what was seen last stays`() {
    var drafter = TrigramDrafter()
    for pair in 0..<100_000 {
      drafter.learn(
        from: VerifiedPass(
          text: tokens(pair / 300, pair % 300, 7), tree: DraftTree(), accepted: [],
          choices: [look(pair % 50)]))
    }
    #expect((32_768...65_536).contains(drafter.pairCount))
    #expect(draftTokens(drafter, tokens(99_999 / 300, 99_999 % 300)) == [99_999 % 50])
    #expect(draftTokens(drafter, tokens(0, 0)) == [])
  }

  @Test func `lookahead keeps the pieces that the model wrote, the newest first`() {
    var drafter = LookaheadDrafter()
    let tree = DraftTree(chain: tokens(2, 3), source: .ngram)
    drafter.learn(
      from: VerifiedPass(
        text: tokens(9, 1, 8), tree: tree, accepted: [], choices: [look(8), look(5), look(6)]))
    // (9, 1, 8), (1, 2, 5), (2, 3, 6)
    #expect(draftTokens(drafter, tokens(1), tokens(2)) == [5, 3])
    #expect(draftTokens(drafter, tokens(9)) == [1])
    #expect(draftTokens(drafter, tokens(9, 1)) == [8, 2])
    for second in 20..<40 {
      drafter.learn(
        from: VerifiedPass(
          text: tokens(9, second, 8), tree: DraftTree(), accepted: [], choices: [look(8)]))
    }
    #expect(draftTokens(drafter, tokens(9)) == [39, 38, 37, 36, 35, 34, 33])
    #expect(drafter.window(after: DraftPath(text: tokens(1, 2, 3, 4, 5, 6, 7, 8))).count == 3)
  }

  // MARK: - Jacobi

  @Test func `the rejected remainder lines up with the next tree`() {
    var drafter = JacobiDrafter()
    // Accepted 10; 11 and 12 were rejected in its place's place and the one after.
    var tree = DraftTree(chain: tokens(10, 11, 12), source: .jacobi)
    tree.append(TokenID(90), after: nil, source: .ngram)
    drafter.learn(
      from: VerifiedPass(
        text: tokens(1, 10, 77), tree: tree, accepted: [0],
        choices: [look(10), look(77), look(78, 79), look(80, 81), look(5)]))
    let text = tokens(1, 10, 77)
    #expect(draftTokens(drafter, text) == [78, 79])
    #expect(draftTokens(drafter, text, tokens(78)) == [80, 81])
    #expect(draftTokens(drafter, text, tokens(78, 80)) == [])
    let window = drafter.window(after: DraftPath(text: text))
    #expect(window.map(\.index) == [78, 80])
    drafter.begin(text)
    #expect(draftTokens(drafter, text) == [])
  }

  @Test func `nothing is guessed from rows that stood elsewhere`() {
    var drafter = JacobiDrafter()
    let tree = DraftTree(chain: tokens(10, 11), source: .jacobi)
    drafter.learn(
      from: VerifiedPass(
        text: tokens(1, 10, 11, 12), tree: tree, accepted: [0, 1],
        choices: [look(10), look(11), look(12)]))
    #expect(draftTokens(drafter, tokens(1, 10, 11, 12)) == [])
  }
}
