import Inference

extension TuneBase {
  /// Reads texts of up to `length` tokens for a cache of this description.
  func collector(length: Int, for description: HiddenCache.Description) -> HiddenCollector {
    HiddenCollector(
      model.runtime, length: length, depths: description.depths, topK: description.topK)
  }

  /// The cache at `path`, written now where there is none of this description. Throws a
  /// `CancellationError` where the task is cancelled.
  func cache(
    of texts: [TrainingText], at path: String, description: HiddenCache.Description,
    positionLimit: Int = .max, observe: (TuneEvent) -> Void
  ) throws -> HiddenCache {
    if let cache = HiddenCache(path: path, matching: description) { return cache }
    defer { observe(.read) }
    let length = texts.map(\.tokens.count).max() ?? 1
    let isWhole = try collector(length: length, for: description).collect(
      texts, to: path, description: description, positionLimit: positionLimit
    ) { done, all in
      observe(.reading(done, of: all))
      return !Task.isCancelled
    }
    guard isWhole, let cache = HiddenCache(path: path, matching: description) else {
      throw CancellationError()
    }
    return cache
  }
}
