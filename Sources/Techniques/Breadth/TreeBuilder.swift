import Dials

/// Grows a tree from the draft tokens of several drafters, the likeliest draft token first, and keeps as
/// much of it as pays.
///
/// A draft token is worth the product of the chances on its path: that is how likely it becomes part of the
/// text. The tree is cut where expected tokens per cost are highest, which may be at no draft token at all.
package struct TreeBuilder {
  /// A draft token for one place.
  struct Candidate {
    var token: TokenID
    /// Whose draft token it is: of several, who is right most often.
    var source: DraftSource
    /// What kind of draft token it is.
    var bin: Int
    /// The chance that it comes true if its place is reached.
    var chance: Double
    /// Drafters that said the same.
    var voteCount = 1
  }

  /// A tree, and all draft tokens that were made at the places where it was grown.
  struct Growth {
    var tree: DraftTree
    /// Entry 0 for the place after the text, entry i + 1 for that after node i.
    var places: [[Candidate]]
  }

  /// What a tree may be.
  package struct Limits {
    /// Draft tokens one after another.
    var depth: Int
    /// Draft tokens in all.
    var count: Int
    /// Whether no place may have two draft tokens.
    var isChain: Bool

    /// A tree of at most `count` draft tokens, at most `depth` deep.
    package init(depth: Int, count: Int, isChain: Bool = false) {
      self.depth = max(0, depth)
      self.count = max(0, count)
      self.isChain = isChain
    }
  }

  /// A draft token that is less likely than this is not worth looking further.
  private static let floor = 0.015
  /// Tokens per cost must be better than plain decoding by this factor.
  private static let margin = 1.02

  /// Whom to ask. Some remember what they said.
  private(set) var drafters: [any Drafter]
  let acceptance: AcceptanceTable
  let text: [TokenID]
  /// The stream in which the last token of the text was decided, if it was kept.
  let stream: [Float]?
  /// How often somebody was asked who costs something, and what it cost, in passes of one row.
  private(set) var looks = (count: 0, cost: 0.0)

  init(
    drafters: [any Drafter], acceptance: AcceptanceTable, text: [TokenID], stream: [Float]? = nil
  ) {
    self.drafters = drafters
    self.acceptance = acceptance
    self.text = text
    self.stream = stream
  }

  /// A look that costs something is worth it where the place is reached by this chance, times its cost; behind
  /// the text always.
  private static let lookWorth = 4.0

  /// The draft tokens for the place behind `node`, likeliest first. Only one of them can come true, so the
  /// chances of those behind are what the first ones leave. The place is reached by `chance`.
  mutating func candidates(
    after node: Int?, in tree: DraftTree, reached chance: Double
  ) -> [Candidate] {
    let path = DraftPath(text: text, draftTokens: tree.path(to: node), stream: stream)
    var candidates: [Candidate] = []
    for index in drafters.indices {
      let cost = drafters[index].lookCost
      if cost > 0 {
        guard stream != nil, chance >= min(1, Self.lookWorth * cost) else { continue }
        looks = (looks.count + 1, looks.cost + cost)
      }
      let drafter = drafters[index]
      let chances = drafter.chances
      let rates = acceptance.rates(of: drafter.source)
      for draftToken in drafters[index].draftTokens(after: path) {
        let chance = rates.chance(
          bin: draftToken.bin, depth: path.draftTokens.count,
          start: chances.indices.contains(draftToken.bin) ? chances[draftToken.bin] : 0.05)
        var candidate = Candidate(
          token: draftToken.token, source: drafter.source, bin: draftToken.bin, chance: chance)
        if let place = candidates.firstIndex(where: { $0.token == draftToken.token }) {
          candidate.voteCount = candidates[place].voteCount + 1
          if candidates[place].chance > chance {
            candidates[place].voteCount += 1
          } else {
            candidates[place] = candidate
          }
        } else {
          candidates.append(candidate)
        }
      }
    }
    // Equal tokens of several drafters come a little earlier than a lone draft token as likely.
    candidates.sort {
      $0.chance + 0.05 * Double($0.voteCount) > $1.chance + 0.05 * Double($1.voteCount)
    }
    var left = 1.0
    for index in candidates.indices {
      let chance = candidates[index].chance
      candidates[index].chance *= left
      left *= 1 - chance
    }
    return candidates
  }

  /// The tree that pays best; `trunk` is part of it whatever it costs.
  mutating func grow(
    from trunk: DraftTree, limits: Limits, cost: (_ rows: Int) -> Double
  ) -> Growth {
    var growth = Growth(tree: trunk, places: [candidates(after: nil, in: trunk, reached: 1)])
    var chances = trunk.nodes.map { $0.chance ?? 0 }
    for node in trunk.nodes.indices {
      growth.places.append(candidates(after: node, in: trunk, reached: chances[node]))
    }
    var frontier: [(chance: Double, place: Int, candidate: Int)] = []
    func open(_ place: Int, chance: Double) {
      guard growth.tree.depth(of: place == 0 ? nil : place - 1) < limits.depth else { return }
      for (index, candidate) in growth.places[place].enumerated()
      where chance * candidate.chance >= Self.floor {
        frontier.append((chance * candidate.chance, place, index))
      }
    }
    for place in growth.places.indices { open(place, chance: place == 0 ? 1 : chances[place - 1]) }
    var best = (count: trunk.count, ratio: trunk.count == 0 ? Self.margin : 0)
    var expected = 1 + chances.reduce(0, +)
    best.ratio = max(best.ratio, expected / cost(1 + trunk.count))
    while growth.tree.count < limits.count,
      let next = frontier.indices.max(by: { frontier[$0].chance < frontier[$1].chance })
    {
      let (chance, place, index) = frontier.remove(at: next)
      let parent = place == 0 ? nil : place - 1
      let candidate = growth.places[place][index]
      if growth.tree.child(of: parent, holding: candidate.token) != nil { continue }
      if limits.isChain, growth.tree.hasChild(parent) { continue }
      let rows = growth.tree.count + 1
      // Four more draft tokens as likely as this one would not earn their rows.
      if 4 * chance < 0.8 * best.ratio * (cost(rows + 4) - cost(rows)) { break }
      let node = growth.tree.append(
        candidate.token, after: parent, source: candidate.source, chance: chance)
      chances.append(chance)
      expected += chance
      let ratio = expected / cost(rows + 1)
      if ratio > best.ratio { best = (growth.tree.count, ratio) }
      // Behind the last draft token that fits, nobody is asked who costs something.
      let isLast =
        growth.tree.count >= limits.count || growth.tree.depth(of: node) >= limits.depth
      growth.places.append(
        candidates(after: node, in: growth.tree, reached: isLast ? 0 : chance))
      open(node + 1, chance: chance)
    }
    growth.tree = growth.tree.trimmed(depth: .max, count: best.count)
    growth.places.removeLast(growth.places.count - best.count - 1)
    return growth
  }
}
