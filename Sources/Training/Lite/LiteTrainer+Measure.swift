import Kernels

extension LiteTrainer {
  /// How `heldOut` texts fare, those that are no longer than the settings say.
  package func measure(_ heldOut: [TrainingText]) -> LiteMeasure {
    let fitting = fitting(heldOut)
    let clean = survey(fitting.map(LiteText.init(clean:)), exits: settings.exits)
    var measure = LiteMeasure(losses: clean.losses)
    let noisy = noisyTexts(of: fitting)
    if !noisy.isEmpty { measure.noisyAccuracy = survey(noisy, exits: []).accuracy }
    return measure
  }

  /// The mean cross-entropy of `heldOut` texts at full depth, without noise, in nats.
  func cleanLoss(of heldOut: [TrainingText]) -> Double {
    survey(fitting(heldOut).map(LiteText.init(clean:)), exits: []).losses.last ?? .nan
  }

  private func fitting(_ texts: [TrainingText]) -> [TrainingText] {
    texts.filter { $0.tokens.count <= settings.length }
  }

  /// Inputs with noise, with a loss at the positions with noise: some segments of the greatest length in
  /// each text, the same ones at every measurement, and no more than an eighth of the answers.
  private func noisyTexts(of texts: [TrainingText]) -> [LiteText] {
    guard let noise = settings.noise else { return [] }
    let length = noise.lengths.upperBound
    return texts.enumerated().compactMap { item, text in
      let count = max(1, text.targetCount / (8 * length))
      let whole = InputNoise(lengths: length...length, share: 1, segments: count)
      let input = whole.input(of: text, seed: settings.seed, item: -1 - item)
      guard !input.segments.isEmpty else { return nil }
      return LiteText(
        tokens: input.tokens,
        targets: input.segments.joined().map {
          LossTarget(row: $0, token: text.tokens[$0 + 1], weight: 1)
        })
    }
  }

  private func survey(_ texts: [LiteText], exits: [Int]) -> LiteSurvey {
    let survey = LiteSurvey(model, exits: exits, texts: texts, spaces: spaces)
    pool.run(survey)
    return survey
  }
}

extension LiteText {
  /// A text without noise, with a loss at every position that is learnt.
  init(clean text: TrainingText) {
    tokens = text.tokens
    targets = text.positions.map {
      LossTarget(row: $0, token: text.tokens[$0 + 1], weight: 1)
    }
  }
}
