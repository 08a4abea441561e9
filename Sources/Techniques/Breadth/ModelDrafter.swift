package import Dials

/// What a drafter that runs the model may ask of it: rows behind the text, one after another.
package protocol DraftingModel {
  /// Blocks of the model.
  var blockCount: Int { get }
  /// The way of a row at full depth.
  var route: Route { get }
  /// When tokens leave early, by the settings in force.
  var exits: any DepthPolicy { get }
  /// Tokens that end an answer: nothing is worth drafting behind one.
  var ends: Set<TokenID> { get }
  /// At most this many draft tokens.
  var limit: Int { get }
  /// Which feed-forwards drafts take, where the budget is for drafts; nil where there is none.
  var draftRule: FeedForwardRule? { get }
  /// Whether a person set the limit: then it is used up.
  var isLimitNamed: Bool { get }

  /// Puts a token in flight behind the last row, or behind the text.
  func append(_ token: TokenID)

  /// Takes the last row down `route` until `policy` lets it leave.
  func descend(_ policy: any DepthPolicy, along route: Route) -> DepthWalk.Descent

  /// The token that follows the last row, read at the end of its way, and what the vocabulary looks
  /// like from there. What routers said on the way is taken in.
  func decide(_ descent: inout DepthWalk.Descent) -> (token: TokenID, readout: Readout)

  /// Drops all rows in flight.
  func discard()
}

extension DraftingModel {
  /// What the model says along another way than the text's, one token after another, for as long as each is
  /// at least as probable as `least`, or as many as a person asked for. The rows are dropped: full depth
  /// starts from the embeddings again.
  func drafts(
    of source: DraftSource, behind root: TokenID, by policy: EveryBlock = EveryBlock(),
    along route: Route, least: Float
  ) -> ModelDrafts {
    var found = ModelDrafts(source: source)
    append(root)
    while found.drafts.count < limit {
      var descent = descend(policy, along: route)
      let (token, readout) = decide(&descent)
      if !isLimitNamed, readout.probability < least { break }
      found.drafts.append(
        ModelDraft(token: token, descent: descent, probability: readout.probability))
      if ends.contains(token) { break }
      append(token)
    }
    discard()
    return found
  }
}

/// What a drafter may ask of the model in idle time.
package protocol PracticeModel {
  /// Blocks of the model.
  var blockCount: Int { get }
  /// The way of a row at full depth.
  var route: Route { get }

  /// The share of the last `count` tokens of the text, but for the first of them, that the model says
  /// along `route`; nil when the text is shorter, or what its end saw is forgotten.
  func agreement(along route: Route, count: Int) -> Double?
}

/// A draft token of the model's own.
package struct ModelDraft: Hashable, Sendable {
  /// The token.
  package var token: TokenID
  /// Where the row that drafted it went, and what was seen on the way.
  package var descent: DepthWalk.Descent
  /// Its probability there, 0...1.
  package var probability: Float

  /// A draft token.
  package init(token: TokenID, descent: DepthWalk.Descent, probability: Float) {
    self.token = token
    self.descent = descent
    self.probability = probability
  }
}

/// Draft tokens of the model's own, one after another.
package struct ModelDrafts: Sendable {
  /// Who drafted them.
  package let source: DraftSource
  /// The tokens.
  package var drafts: [ModelDraft] = []
  /// What the first row was shown though it left nowhere.
  package var evidence = Evidence()
  /// Whether the rows are still in flight, so that full depth goes on from where they stopped.
  package let staysInFlight: Bool

  /// Nothing yet.
  package init(source: DraftSource, staysInFlight: Bool = false) {
    self.source = source
    self.staysInFlight = staysInFlight
  }
}

/// Proposes tokens by running a part of the model itself.
///
/// Full depth verifies every one, so what it says can cost time and nothing else.
package protocol ModelDrafter: Sendable {
  /// Drafts behind `root`, the last decided token, which is not in flight yet.
  mutating func drafts(behind root: TokenID, with model: some DraftingModel) -> ModelDrafts

  /// Whether there is nothing left to practise on this route.
  func isPractised(on route: Route, blockCount: Int) -> Bool

  /// Learns a little in idle time; false when the model had nothing to say.
  mutating func practise(with model: some PracticeModel) -> Bool
}

extension ModelDrafter {
  /// Nothing to practise.
  package func isPractised(on route: Route, blockCount: Int) -> Bool { true }

  /// Nothing to practise.
  package mutating func practise(with model: some PracticeModel) -> Bool { false }
}
