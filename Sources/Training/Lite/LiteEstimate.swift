package import Transformer

/// The time and memory of a training through the base, from shapes and the measured speed of products.
package struct LiteEstimate: Hashable, Sendable {
  /// Seconds of all steps.
  package var seconds: Double
  /// Bytes of memory, the base's own not counted.
  package var memoryBytes: Int
  /// Bytes of the checkpoints.
  package var diskBytes: Int

  /// The training `settings` of a base on these texts, held-out ones too, shared by `threads`.
  package init(
    _ settings: LiteTraining, weights: Weights, texts: [TrainingText], threads: Int
  ) throws(TrainingError) {
    let tokens = Double(texts.reduce(0) { $0 + $1.tokens.count })
    let textLength = tokens / Double(max(1, texts.count))
    let blas = try BLAS.shared()
    let shape = weights.blueprint
    let blockMacs = weights.blocks.reduce(0) { $0 + $1.view.macs }
    let headMacs = shape.width * shape.vocabularyCount
    let losses = (settings.rotates ? min(1, settings.exits.count) : settings.exits.count) + 1
    // Forward and backward through the blocks, and once more for the gradients of whole projections;
    // forward and backward through the head for each loss.
    let macs =
      (settings.isFull ? 3 : 2) * Double(blockMacs) * textLength
      + 2 * Double(losses * headMacs) * min(textLength, Double(settings.positions))
    let rate = blas.productsPerSecond(
      rows: settings.length, columns: shape.innerWidth, inner: shape.width)
    // A guard reads the base's predictions first.
    let readingMacs = settings.guardWeight > 0 ? Double(blockMacs + headMacs) * tokens : 0
    // Where the clean task is kept, the held-out texts are read before, at the end and in between.
    let heldOut = Double(texts.filter(\.isHeldOut).reduce(0) { $0 + $1.tokens.count })
    let watchingMacs =
      settings.clean.map { clean in
        Double(settings.steps / clean.interval + 2) * heldOut * Double(blockMacs + headMacs)
      } ?? 0
    seconds =
      (1.4 * macs * Double(settings.steps * settings.batch) + readingMacs + watchingMacs)
      / (rate * Double(threads))
    let perToken =
      3 * shape.width + 2 * shape.queryWidth + 2 * shape.keyValueWidth + 2 * shape.innerWidth
      + shape.headCount * settings.length
    let projections =
      shape.blockCount
      * (2 * (shape.width + shape.queryWidth) + 2 * (shape.width + shape.keyValueWidth)
        + 3 * (shape.width + shape.innerWidth))
    let parameterCount = settings.isFull ? blockMacs : settings.rank * projections
    let logitCopies = settings.guardWeight > 0 ? 2 : 1
    memoryBytes =
      4
      * (blockMacs + headMacs + (3 + settings.accumulatorCount) * parameterCount
        + threads
        * (shape.blockCount * perToken * settings.rowsAtOnce
          + logitCopies * HeadWorkspace.logitRows * shape.vocabularyCount))
    // With the last good state beside the checkpoint.
    diskBytes = 12 * parameterCount * (settings.clean == nil ? 1 : 2)
  }
}
