import Inference
import Kernels
import Transformer

extension TuneEstimate {
  /// The training `settings` of small feed-forwards beside the base's, on these texts, shared by `threads`.
  init(
    _ settings: DuoTraining, weights: Weights, texts: [TrainingText], threads: Int
  ) throws(TrainingError) {
    let blas = try BLAS.shared()
    let blueprint = weights.blueprint
    let blockMacs = Double(weights.blocks.reduce(0) { $0 + $1.view.macs })
    let headMacs = Double(blueprint.width * blueprint.vocabularyCount)
    let rate =
      blas.productsPerSecond(
        rows: settings.rowsAtOnce, columns: blueprint.innerWidth, inner: blueprint.width)
      * Double(threads)
    let tokens = Double(texts.reduce(0) { $0 + $1.tokens.count })
    let length = tokens / Double(max(1, texts.count))
    // The whole model reads the texts once; damages take a row for each block and token of the horizon.
    let routerSteps = settings.router.method == .task ? settings.router.steps : 0
    let labels = settings.router.method == .damage ? settings.labels : 0
    let rows = Double((blueprint.blockCount + 1) * (settings.horizon + 2) * labels)
    let read = (settings.needsPredictions ? tokens : 0) + rows
    readingSeconds =
      ((blockMacs + headMacs) * read + blockMacs * Double(settings.firstPositions) * 1.5) / rate
    let losses = 2 * headMacs * min(length, Double(settings.positions))
    trainingSeconds =
      1.3 * Double(settings.batch)
      * (Double(settings.steps) * (2 * blockMacs * length + losses)
        + Double(routerSteps) * (3 * blockMacs * length + losses)) / rate
    let shape = SmallFeedForwardShape(
      width: blueprint.width, inner: settings.inner, rank: settings.rank)
    let parameters = blueprint.blockCount * shape.macs
    let perToken =
      3 * blueprint.width + 2 * blueprint.queryWidth + 2 * blueprint.keyValueWidth
      + 2 * blueprint.innerWidth + blueprint.headCount * settings.length
    memoryBytes =
      4
      * (Int(blockMacs + headMacs) + (3 + Parameters.accumulatorCount) * parameters
        + threads
        * (blueprint.blockCount * perToken * settings.rowsAtOnce
          + 2 * HeadWorkspace.logitRows * blueprint.vocabularyCount))
    diskBytes = 12 * parameters + (settings.needsPredictions ? Int(tokens) * 128 : 0)
  }
}

extension TuneDuoJob {
  /// What the training will take.
  package func estimate() throws(TrainingError) -> TuneEstimate {
    try TuneEstimate(
      settings, weights: base.model.weights, texts: texts, threads: base.model.pool.count)
  }
}
