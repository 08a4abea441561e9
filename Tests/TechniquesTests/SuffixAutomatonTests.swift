import Techniques
import TestSupport
import Testing

/// The automaton says what a search through all texts says.
struct SuffixAutomatonTests {
  /// Texts that may share their beginning: every token knows the one before it.
  private struct Texts {
    var tokens: [Int32] = []
    var parents: [Int?] = []

    /// The text that ends with a token.
    func text(to node: Int?) -> [Int32] {
      var text: [Int32] = []
      var here = node
      while let node = here {
        text.append(tokens[node])
        here = parents[node]
      }
      return text.reversed()
    }

    /// How often each token followed a piece.
    func followers(of piece: [Int32]) -> [Int32: Int] {
      var followers: [Int32: Int] = [:]
      for node in tokens.indices where text(to: parents[node]).suffix(piece.count) == piece[...] {
        followers[tokens[node], default: 0] += 1
      }
      return followers
    }

    /// The longest end of a piece that something followed.
    func longest(_ piece: [Int32]) -> [Int32] {
      for length in (0...piece.count).reversed() {
        let end = Array(piece.suffix(length))
        if !followers(of: end).isEmpty { return end }
      }
      return []
    }
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func `matches, followers and counts are those of a search`(seed: UInt64) {
    var generator = SeededGenerator(seed: 2600 + seed)
    let alphabet = Int32.random(in: 1...5, using: &generator)
    var automaton = SuffixAutomaton()
    var texts = Texts()
    var (path, states): ([Int], [Int32]) = ([], [])
    for _ in 0..<50 {
      if Int.random(in: 0..<12, using: &generator) == 0 {
        let kept = Int.random(in: 0...path.count, using: &generator)
        (path, states) = (Array(path.prefix(kept)), Array(states.prefix(kept)))
      }
      let token = Int32.random(in: 0..<alphabet, using: &generator)
      states.append(automaton.add(token, after: states.last ?? SuffixAutomaton.root))
      texts.parents.append(path.last)
      texts.tokens.append(token)
      path.append(texts.tokens.count - 1)
      let last = states.last ?? SuffixAutomaton.root
      check(automaton.place(of: last), texts.text(to: path.last), automaton, texts)
      // A piece that a draft leads to.
      var place = automaton.place(of: last)
      var piece = texts.longest(texts.text(to: path.last))
      for _ in 0..<4 {
        let token = Int32.random(in: 0...alphabet, using: &generator)
        (place, piece) = (automaton.step(place, token), piece + [token])
      }
      check(automaton.followed(place), piece, automaton, texts)
    }
    #expect(automaton.count == texts.tokens.count)
    #expect(automaton.stateCount <= 2 * automaton.count + 1)
    #expect(automaton.edgeCount <= 3 * automaton.count)
  }

  private func check(
    _ place: SuffixAutomaton.Place, _ text: [Int32], _ automaton: SuffixAutomaton, _ texts: Texts
  ) {
    let piece = texts.longest(text)
    #expect(place.length == piece.count)
    let expected = texts.followers(of: piece)
    let found = automaton.followers(of: place)
    #expect(automaton.total(of: place) == expected.values.reduce(0, +))
    #expect(found.count == min(4, expected.count))
    #expect(found.map(\.count) == expected.values.sorted(by: >).prefix(4).map { $0 })
    for follower in found { #expect(expected[follower.token] == follower.count) }
    let shorter = automaton.shorter(place)
    #expect((shorter == nil) == (place.length == 0))
    if let shorter { #expect(shorter.length < place.length) }
  }

  @Test func `of equal followers the latest is first`() {
    var automaton = SuffixAutomaton()
    var last = SuffixAutomaton.root
    for token: Int32 in [1, 7, 1, 8, 1, 9, 1, 7, 1, 8, 1] {
      last = automaton.add(token, after: last)
    }
    let found = automaton.followers(of: automaton.step(automaton.nowhere, 1))
    #expect(found.map(\.token) == [8, 7, 9])
    #expect(found.map(\.count) == [2, 2, 1])
  }

  @Test func `a text that runs in a circle costs no more than another one`() {
    for period in [1, 2, 50, 100_000] {
      var automaton = SuffixAutomaton()
      var last = SuffixAutomaton.root
      for index in 0..<100_000 { last = automaton.add(Int32(index % period), after: last) }
      #expect(automaton.stateCount <= 200_001)
      #expect(automaton.edgeCount <= 300_000)
    }
  }
}
