import Dials
import Events
import Inference
import Pruning
import Transformer

extension ChatSession {
  /// Repairs the model without `blocks`: by what is kept of that, or by what is worked out now on a text
  /// that the model writes itself.
  func repair(without blocks: BlockSet) async throws {
    guard !blocks.isEmpty else { return }
    let model = dialogue.model
    show(.progress(Progress("repairing", share: 0)))
    defer { show(.progress(nil)) }
    let repair = try await RepairJob.repair(model, without: blocks) {
      show(.progress(Progress("repairing", share: $0)))
    }
    await keepGuesses(of: model)
    dialogue.repair(by: repair)
    await engine.adopt(dialogue.model)
    await recallGuesses()
    notice(.information, "Without \(blocks) the model is repaired from now on.")
  }
}

extension Dialogue {
  /// Takes a repair for where its blocks are left out.
  mutating func repair(by repair: Repair?) { adopt(model.repaired(by: repair)) }
}

extension RepairJob {
  /// The repair of `model` without `blocks` that is kept, or else is made now and kept; says meanwhile how
  /// much is done.
  @MainActor
  static func repair(
    _ model: LoadedModel, without blocks: BlockSet, progress: @MainActor (Double) -> Void
  ) async throws -> Repair? {
    let (shares, feed) = AsyncStream.makeStream(
      of: Double.self, bufferingPolicy: .bufferingNewest(1))
    let work = Task.detached {
      defer { feed.finish() }
      let job = RepairJob(model: model, archive: try PruningArchive(model: model))
      return try job.keptOrMade(without: blocks) { share in
        feed.yield(share)
        return !Task.isCancelled
      }.weights.repair
    }
    return try await withTaskCancellationHandler {
      for await share in shares { progress(share) }
      return try await work.value
    } onCancel: {
      work.cancel()
    }
  }
}
