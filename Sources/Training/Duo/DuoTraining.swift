import Transformer

/// The settings of a training of small feed-forwards and their routers (Duo-LLM, arXiv 2410.10846) beside
/// the frozen big ones of a model.
package struct DuoTraining: Hashable, Sendable {
  /// Gated units of each small feed-forward.
  package var inner = 96
  /// Linear units of each; 0 for the paper's plain SwiGLU.
  package var rank = 64
  /// Positions whose feed-forwards the first values are fitted to.
  package var firstPositions = 8192
  /// Optimiser steps; with none there are the first values and their routers.
  package var steps: Int
  /// Texts of a step.
  package var batch = 8
  /// The share of small feed-forwards in a text is drawn from these.
  package var shares: ClosedRange<Float> = 0.05...0.5
  /// Positions of a text that have a loss at most, drawn anew for each step.
  package var positions = 96
  /// The greatest length of a text.
  package var length = 384
  /// Rows that pass through the base together.
  package var rowsAtOnce: Int { max(length, 512) }
  /// The peak of the learning rate.
  package var rate: Float = 3e-4
  /// The optimiser.
  package var optimizer = AdamW()
  /// Positions at which the damage of every block is read for the routers.
  package var labels = 2048
  /// Tokens behind such a position whose distributions count too.
  package var horizon = 4
  /// How routers come about.
  package var router = RouterTraining()
  /// Held-out positions on which the shares of big feed-forwards are measured at most.
  package var measuredPositions = 3000
  /// The seed of order, drawn positions and drawn patterns.
  package var seed: UInt64 = 0

  /// The usual settings.
  package init(steps: Int) {
    self.steps = steps
    optimizer.weightDecay = 0
  }

  /// The part of `texts` that the training uses: as many as steps or labels take, drawn at random, and the
  /// held-out ones that are measured on.
  package func used(of texts: [TrainingText]) -> [TrainingText] {
    let fitting = texts.filter { $0.tokens.count <= length && $0.targetCount > horizon }
    var generator = CounterGenerator(seed: seed, .order, 0)
    let trained = fitting.filter { !$0.isHeldOut }.shuffled(using: &generator)
    let routed = router.method == .damage ? labels / 4 : router.steps * batch
    let count = max(steps * batch, Self.least(of: trained, positions: firstPositions), routed)
    var heldOut = fitting.filter(\.isHeldOut)
    heldOut = Array(heldOut.prefix(Self.least(of: heldOut, positions: measuredPositions)))
    return heldOut + trained.prefix(count)
  }

  /// These settings where the small feed-forwards are those of a file: no first values and no steps.
  package func taking(_ given: GivenFeedForwards) -> DuoTraining {
    var settings = self
    (settings.inner, settings.rank) = (given.facts.inner, given.facts.rank)
    (settings.steps, settings.firstPositions) = (0, 0)
    return settings
  }

  /// Whether anything is compared with what the whole model says.
  var needsPredictions: Bool { steps > 0 || router.method == .task }

  /// How many of `texts` have so many positions that are learnt, or all.
  private static func least(of texts: [TrainingText], positions: Int) -> Int {
    var rest = positions
    for (index, text) in texts.enumerated() {
      if rest <= 0 { return index }
      rest -= text.targetCount
    }
    return texts.count
  }

  /// Throws where a model of this shape cannot have such small feed-forwards.
  package func check(innerWidth: Int) throws(TrainingError) {
    guard inner > 0, inner % 32 == 0, inner <= innerWidth, rank >= 0, rank % 32 == 0 else {
      throw TrainingError(
        .badSetting, at: "--inner",
        "--inner and --rank must be multiples of 32, because numbers are stored in groups of 32, and "
          + "--inner no more than the big feed-forward's \(innerWidth).")
    }
    guard shares.lowerBound >= 0, shares.upperBound <= 1 else {
      throw TrainingError(.badSetting, at: "--share", "--share takes two numbers within 0 and 1.")
    }
    try router.check()
  }
}
