/// Every piece of some texts, and what followed it: a suffix automaton that grows by a token at a time
/// (Blumer et al. 1985; Hu et al., SAM-Decoding, arXiv 2411.10666, section 3), for several texts, which
/// may share their beginning.
///
/// Pieces that end at the same places share a state. A step down an edge makes a piece longer by a token,
/// a step along a link drops tokens at its front until it ended at more places. An edge counts how often
/// its token followed. Adding a token takes constant time in the mean, at most two states and three edges.
package struct SuffixAutomaton: Sendable {
  /// A piece of the texts.
  package struct Place: Hashable, Sendable {
    /// The state of the piece.
    fileprivate(set) var state: Int32
    /// Its tokens.
    package fileprivate(set) var length: Int
  }

  /// A token that followed a piece.
  package struct Follower: Hashable, Sendable {
    /// The token.
    package let token: Int32
    /// How often it followed.
    package let count: Int
  }

  /// 32 bytes.
  private struct State {
    /// Tokens of the longest piece of the state.
    var length: Int32
    /// The state of the longest piece that ended at more places; -1 for that of the empty piece.
    var link: Int32
    var firstEdge: Int32 = -1
    /// Tokens that followed, with repetitions.
    var total: Int32 = 0
    /// The edges that were taken most often, of equal ones the latest first.
    var best = SIMD4<Int32>(repeating: -1)
  }

  /// The empty piece.
  package static let root: Int32 = 0
  /// Shorter pieces for which a token that is not new is counted: a text that runs in a circle has as many
  /// as it has tokens.
  private static let countedLinks = 64

  private var states = [State(length: 0, link: -1)]
  private var edges = AutomatonEdges()
  /// Tokens that were added.
  package private(set) var count = 0

  /// No text.
  package init() {}

  /// States: at most twice as many as tokens, and one.
  package var stateCount: Int { states.count }
  /// Edges: at most three times as many as tokens.
  package var edgeCount: Int { edges.count }

  // MARK: - Reading

  /// Nothing.
  package var nowhere: Place { Place(state: Self.root, length: 0) }

  /// The longest end of a text that something followed, where the whole text has the state `state`.
  package func place(of state: Int32) -> Place {
    followed(Place(state: state, length: Int(states[Int(state)].length)))
  }

  /// The longest end of the piece with `token` behind it that occurred.
  package func step(_ place: Place, _ token: Int32) -> Place {
    var place = place
    while true {
      if let edge = edges.find(from: place.state, token) {
        return Place(state: edges[edge].target, length: place.length + 1)
      }
      let link = states[Int(place.state)].link
      guard link >= 0 else { return nowhere }
      place = Place(state: link, length: Int(states[Int(link)].length))
    }
  }

  /// The longest end of a piece that something followed.
  package func followed(_ place: Place) -> Place {
    var place = place
    while states[Int(place.state)].firstEdge < 0, let shorter = shorter(place) { place = shorter }
    return place
  }

  /// The longest end of a piece that occurred at more places; nil for the empty piece.
  package func shorter(_ place: Place) -> Place? {
    let link = states[Int(place.state)].link
    return link < 0 ? nil : Place(state: link, length: Int(states[Int(link)].length))
  }

  /// How often something followed a piece.
  package func total(of place: Place) -> Int { Int(states[Int(place.state)].total) }

  /// What followed a piece most often, at most four tokens, of equal ones the latest first.
  package func followers(of place: Place) -> [Follower] {
    let best = states[Int(place.state)].best
    var followers: [Follower] = []
    for slot in 0..<4 where best[slot] >= 0 {
      let edge = edges[best[slot]]
      followers.append(Follower(token: edge.token, count: Int(edge.count)))
    }
    return followers
  }

  // MARK: - Growing

  /// Adds the token that follows a text whose state is `last`; returns the state of the text with it.
  package mutating func add(_ token: Int32, after last: Int32) -> Int32 {
    count += 1
    let length = states[Int(last)].length + 1
    if let edge = edges.find(from: last, token) {
      let target = edges[edge].target
      let state =
        states[Int(target)].length == length
        ? target : split(target, at: length, from: last, token)
      note(token, behind: last)
      return state
    }
    let state = append(State(length: length, link: Self.root))
    var here = last
    while here >= 0, edges.find(from: here, token) == nil {
      connect(here, token, to: state, count: 1)
      here = states[Int(here)].link
    }
    guard here >= 0, let edge = edges.find(from: here, token) else { return state }
    let target = edges[edge].target
    let isWhole = states[Int(target)].length == states[Int(here)].length + 1
    states[Int(state)].link =
      isWhole ? target : split(target, at: states[Int(here)].length + 1, from: here, token)
    note(token, behind: here)
    return state
  }

  private mutating func append(_ state: State) -> Int32 {
    states.append(state)
    return Int32(states.count - 1)
  }

  /// A new edge, of a token that followed `count` times.
  private mutating func connect(_ state: Int32, _ token: Int32, to target: Int32, count: Int32) {
    let edge = edges.append(
      AutomatonEdges.Edge(
        source: state, token: token, target: target, next: states[Int(state)].firstEdge,
        count: count))
    states[Int(state)].firstEdge = edge
    states[Int(state)].total += count
    rank(edge, in: Int(state))
  }

  /// Gives the pieces of a state that have at most `length` tokens a state of their own, to which `token`
  /// leads from `source` and what it links to.
  private mutating func split(
    _ state: Int32, at length: Int32, from source: Int32, _ token: Int32
  ) -> Int32 {
    let whole = states[Int(state)]
    let part = append(State(length: length, link: whole.link))
    var here = whole.firstEdge
    while here >= 0 {
      let edge = edges[here]
      let copy = edges.append(
        AutomatonEdges.Edge(
          source: part, token: edge.token, target: edge.target,
          next: states[Int(part)].firstEdge, count: edge.count))
      states[Int(part)].firstEdge = copy
      for slot in 0..<4 where whole.best[slot] == here { states[Int(part)].best[slot] = copy }
      here = edge.next
    }
    states[Int(part)].total = whole.total
    states[Int(state)].link = part
    var from = source
    while from >= 0, let edge = edges.find(from: from, token), edges[edge].target == state {
      edges.redirect(edge, to: part)
      from = states[Int(from)].link
    }
    return part
  }

  /// Counts a token behind a state and behind what it links to; edges are there.
  private mutating func note(_ token: Int32, behind state: Int32) {
    var here = state
    for _ in 0..<Self.countedLinks {
      guard here >= 0, let edge = edges.find(from: here, token) else { return }
      edges.count(edge)
      states[Int(here)].total += 1
      rank(edge, in: Int(here))
      here = states[Int(here)].link
    }
  }

  /// Puts an edge that was just taken where it belongs among the best.
  private mutating func rank(_ edge: Int32, in state: Int) {
    var best = states[state].best
    let count = edges[edge].count
    var slot = 0
    while slot < 3, best[slot] != edge, best[slot] >= 0 { slot += 1 }
    if best[slot] >= 0, best[slot] != edge, edges[best[slot]].count > count { return }
    while slot > 0, edges[best[slot - 1]].count <= count {
      best[slot] = best[slot - 1]
      slot -= 1
    }
    best[slot] = edge
    states[state].best = best
  }
}
