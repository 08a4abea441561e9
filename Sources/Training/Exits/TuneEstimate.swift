import Kernels
import Transformer

/// The time, memory and disk of a training of exits, from shapes and the measured speed of products.
package struct TuneEstimate: Hashable, Sendable {
  /// Seconds to read the texts with the base; 0 where the cache is there.
  package var readingSeconds: Double
  /// Seconds of all steps.
  package var trainingSeconds: Double
  /// Bytes of memory, the base's own not counted.
  package var memoryBytes: Int
  /// Bytes of the cache on disk, and of a checkpoint.
  package var diskBytes: Int

  /// The training `settings` of a base of this shape with a reduced-vocabulary head of `frequentCount`
  /// tokens, shared by `threads`. `cache` has the number of positions filled in; the base has to read
  /// `tokenCount` tokens, 0 where the cache is there, and reads `rowsPerSecond`.
  package init(
    _ settings: ExitTraining, vocabularyCount: Int, width: Int, frequentCount: Int,
    cache: HiddenCache.Description, tokenCount: Int, rowsPerSecond: Double, threads: Int
  ) throws(TrainingError) {
    let blas = try BLAS.shared()
    // Beside the frequent and the drawn tokens, about four of a row's teacher tokens are new.
    let sampled = frequentCount + settings.draws + 4 * settings.shardRows
    let weights = settings.modules.map { $0.macs(width: width) }
    let macsPerRow = weights.reduce(0) { $0 + 3 * $1 + 2 * sampled * width }
    let rate = blas.productsPerSecond(rows: settings.shardRows, columns: sampled, inner: width)
    readingSeconds = Double(tokenCount) / rowsPerSecond
    // About a quarter on top: exponentials, norms, gathering.
    trainingSeconds =
      1.25 * Double(settings.steps * settings.batchSize) * Double(macsPerRow)
      / (rate * Double(threads))
    let parameterCount = settings.modules.reduce(0) { sum, module in
      sum + module.shapes(width: width).reduce(0) { $0 + $1.rows * $1.columns }
    }
    let workspace =
      settings.shardRows * (sampled + 7 * width) + (sampled - frequentCount) * width
    memoryBytes =
      4
      * (vocabularyCount * width + (3 + Parameters.accumulatorCount) * parameterCount
        + frequentCount * width + threads * workspace)
    diskBytes = cache.fileBytes + 12 * parameterCount
  }
}

extension TuneEstimate {
  /// The training `settings` of a draft head, shared by `threads`; see the one for exits.
  init(
    _ settings: DraftTraining, shape: DraftShape, vocabularyCount: Int,
    cache: HiddenCache.Description, tokenCount: Int, rowsPerSecond: Double, threads: Int
  ) throws(TrainingError) {
    let blas = try BLAS.shared()
    let macs = 3 * settings.guesses * shape.macs
    let rate = blas.productsPerSecond(
      rows: settings.shardRows, columns: shape.inner, inner: 2 * shape.width)
    readingSeconds = Double(tokenCount) / rowsPerSecond
    trainingSeconds =
      1.25 * Double(settings.steps * settings.batchSize) * Double(macs) / (rate * Double(threads))
    let rows = DraftActivations.size(shape, rows: settings.shardRows)
    memoryBytes =
      4
      * (vocabularyCount * shape.width + (3 + Parameters.accumulatorCount) * shape.macs
        + threads * settings.guesses * rows)
    diskBytes = cache.fileBytes + 12 * shape.macs
  }
}

extension BLAS {
  /// Multiply-accumulates a second of one thread, measured on one product after one to warm up.
  func productsPerSecond(rows: Int, columns: Int, inner: Int) -> Double {
    let arena = Arena()
    let a = Matrix(rows, inner, in: arena)
    let b = Matrix(columns, inner, in: arena)
    let y = Matrix(rows, columns, in: arena)
    multiply(a, byTransposed: b, into: y)
    let clock = ContinuousClock()
    let time = clock.measure { multiply(a, byTransposed: b, into: y) }
    let seconds =
      Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    return withExtendedLifetime(arena) { Double(rows * columns * inner) / max(seconds, 1e-9) }
  }
}
