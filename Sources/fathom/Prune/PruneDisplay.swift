import Foundation
import Pruning
import Reports
import Screen

/// The course of a search or a study on the error output: a map of the search, and a line that is drawn
/// again. A signal stops the work.
final class PruneDisplay {
  private let line = ProgressLine()
  private let signals: StopSignals
  private var clock = TimeLeft()
  private var map: SearchMap?

  /// A display of work that `signals` stop.
  init(signals: StopSignals) { self.signals = signals }

  /// What the work tells.
  var observer: PruningObserver {
    PruningObserver(isWanted: { [signals] in signals.received == nil }, show: show)
  }

  private func show(_ event: PruningObserver.Event) {
    switch event {
    case .began(let manifest):
      let map = SearchMap(manifest: manifest)
      for text in map.head(method: manifest.method) { printError(text) }
      for index in manifest.steps.indices { printError(map.row(manifest.steps, index)) }
      self.map = map
      clock = TimeLeft()
    case .made(let manifest):
      line.clear()
      if let map { printError(map.row(manifest.steps, manifest.steps.count - 1)) }
    case .searching(let progress):
      guard let map else { return }
      line.draw(map.row(progress) + "  " + clock.text(fraction: progress.fraction))
    case .reading(let method): line.draw("\(method.rawValue): reading the calibration text")
    case .windows(let done, let total, let sets):
      let left = clock.text(fraction: Double(done) / Double(total))
      line.draw("window \(done)/\(total), \(sets) sets of blocks  \(left)")
    case .speeds(let turn, let turns): line.draw("measuring speeds, turn \(turn) of \(turns)")
    case .ended:
      line.clear()
      clock = TimeLeft()
    }
  }
}
