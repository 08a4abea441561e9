import Inference
import Pruning

extension BlockCosts {
  /// Measures what each block of `model` costs on a text that no search has seen, and keeps it; says meanwhile
  /// how much is done.
  @MainActor
  static func measure(
    _ model: LoadedModel, progress: @MainActor (Double) -> Void
  ) async throws {
    let (shares, feed) = AsyncStream.makeStream(
      of: Double.self, bufferingPolicy: .bufferingNewest(1))
    let work = Task.detached {
      defer { feed.finish() }
      let text = try HeldOutText(model: model).sequences
      try BlockCosts(in: PruningArchive(model: model)).measure(model, on: text) { share in
        feed.yield(share)
        return !Task.isCancelled
      }
    }
    await withTaskCancellationHandler {
      for await share in shares { progress(share) }
    } onCancel: {
      work.cancel()
    }
    try await work.value
  }
}
