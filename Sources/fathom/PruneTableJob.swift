import ArgumentParser
import Dials
import Evaluation
import Foundation
import Inference
import Kernels
import Pruning
import Tokenization
import Transformer

/// The measurements behind `fathom prune-table`. What is known is not measured again.
struct PruneTableJob {
  private let model: LoadedModel
  private let archive: PruningArchive
  private let signals: StopSignals
  private var ledger: StudyLedger
  private let line = ProgressLine()

  /// The job on a model; `archive` says where its measurements are kept.
  init(model: LoadedModel, archive: PruningArchive, signals: StopSignals) {
    self.model = model
    self.archive = archive
    self.signals = signals
    ledger = StudyLedger(path: archive.studyPath)
  }

  private func checkStop() throws {
    guard let number = signals.received else { return }
    line.clear()
    throw ExitCode(128 + number)
  }

  // MARK: - Orders

  /// The order of each method, SLEB's first; five of them by chance.
  mutating func orders(
    count: Int, sample: CalibrationSample, seed: UInt64
  ) throws -> [(method: PruningMethod, orders: [[BlockIndex]])] {
    let search = BlockSearch(model.runtime, sample: sample)
    guard count <= search.candidates.count else {
      throw ValidationError("--blocks: at most \(search.candidates.count) of this model can go.")
    }
    return try [.sleb, .influence, .oneShot, .random].map { (method: PruningMethod) in
      let seeds = method == .random ? Array(1...5 as ClosedRange<UInt64>) : [seed]
      return (
        method, try seeds.map { try order(method, count: count, search: search, seed: $0) }
      )
    }
  }

  private mutating func order(
    _ method: PruningMethod, count: Int, search: BlockSearch, seed: UInt64
  ) throws -> [BlockIndex] {
    let calibration = search.sample.provenance.sha256
    if method == .random {
      return Array(search.order(.random, seed: seed, dense: []).prefix(count))
    }
    if let known = ledger.order(method, calibration: calibration), known.count >= count {
      return Array(known.prefix(count))
    }
    line.draw("\(method.rawValue): reading the calibration text")
    let dense = search.losses(without: .none)
    let order =
      method == .sleb
      ? try slebOrder(search, count: count, dense: dense, seed: seed)
      : search.order(method, seed: seed, dense: dense)
    line.clear()
    try checkStop()
    try ledger.note(order, by: method, calibration: calibration)
    return Array(order.prefix(count))
  }

  /// The order of a search, which goes on from one on the same text and is kept like any other.
  private func slebOrder(
    _ search: BlockSearch, count: Int, dense: [Double], seed: UInt64
  ) throws -> [BlockIndex] {
    var manifest = PruningManifest(
      model: archive.model, method: .sleb, seed: seed, sample: search.sample, denseLosses: dense)
    let path = archive.path(of: .sleb, seed: seed)
    manifest.steps = try PruneCommand.earlier(at: path, isNamed: false, for: manifest)?.steps ?? []
    line.clear()
    try PruneCommand.search(search, count: count, into: &manifest, path: path, signals: signals)
    return manifest.steps.map(\.block)
  }

  // MARK: - Perplexities

  /// By text, the summed loss of each window without each prefix of each order. A window is read once
  /// for all of them, and what they have in common is computed once.
  mutating func losses(
    of texts: [TextWindows], without orders: [[BlockIndex]]
  ) throws -> [[BlockSet: [Double]]] {
    let sets = BlockSetPass.sharing(
      Set(orders.flatMap { order in (0...order.count).map { BlockSet(order.prefix($0)) } }))
    let length = texts.map(\.length).max() ?? 0
    let pass = BlockSetPass(model.runtime, length: length)
    var losses = texts.map { _ in [BlockSet: [Double]]() }
    let clock = TimeLeft()
    let total = texts.map(\.count).reduce(0, +)
    var done = 0
    for (text, windows) in texts.enumerated() {
      for window in 0..<windows.count {
        let found = try self.losses(
          of: windows[window], scored: windows.scored, without: sets, pass: pass)
        for (set, loss) in found { losses[text][set, default: []].append(loss) }
        done += 1
        let fraction = Double(done) / Double(total)
        line.draw(
          "window \(done)/\(total), \(sets.count) sets of blocks  \(clock.text(fraction: fraction))"
        )
      }
    }
    line.clear()
    return losses
  }

  private mutating func losses(
    of window: [TokenID], scored: Range<Int>, without sets: [BlockSet], pass: BlockSetPass
  ) throws -> [BlockSet: Double] {
    let digest = CalibrationSample.digest(of: [window])
    let known = ledger.losses(of: digest)
    let missing = sets.filter { known[$0] == nil }
    var new: [BlockSet: Double] = [:]
    if !missing.isEmpty { pass.begin(window) }
    for set in missing where signals.received == nil {
      new[set] = pass.loss(at: scored, without: set)
    }
    try ledger.note(new, of: digest)
    try checkStop()
    return known.filter { sets.contains($0.key) }.merging(new) { $1 }
  }

  // MARK: - Speed

  /// How fast the model writes with 0, 1, 2 ... blocks of `order` gone. In each turn the counts follow
  /// one another, so that a drift of the machine meets them all; the first turn warms up.
  func speeds(without order: [BlockIndex], turns: Int) throws -> [PruningStudy.Speed] {
    let benchmarks = (0...order.count).map { count in
      SpeedBenchmark(
        model.runtime, capacity: 128, pruned: BlockSet(order.prefix(count)))
    }
    let test = SpeedBenchmark.Test(promptCount: 0, generatedCount: 64)
    var rates = benchmarks.map { _ in [Double]() }
    for turn in 1...turns {
      line.draw("measuring speeds, turn \(turn) of \(turns)")
      for (index, benchmark) in benchmarks.enumerated() {
        rates[index] += benchmark.run(test, repetitions: 1).rates
      }
      try checkStop()
    }
    line.clear()
    return rates.map { PruningStudy.Speed(rates: $0, whole: rates[0]) }
  }
}
