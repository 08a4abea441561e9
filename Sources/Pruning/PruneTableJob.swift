package import Corpus
package import Dials
import Evaluation
import Events
import Foundation
package import Inference
import Kernels
import Transformer

/// The measurements of a study of the methods. What is known is not measured again.
package struct PruneTableJob {
  private let model: LoadedModel
  private let archive: PruningArchive
  private let observe: PruningObserver
  private var ledger: StudyLedger

  /// The job on a model; `archive` says where its measurements are kept. Where `observe` stops it, it
  /// throws a `CancellationError`.
  package init(model: LoadedModel, archive: PruningArchive, observe: PruningObserver) {
    self.model = model
    self.archive = archive
    self.observe = observe
    ledger = StudyLedger(path: archive.studyPath)
  }

  /// The whole study: `count` blocks of each method on texts with these names, and the speeds of SLEB's
  /// in so many turns, 0 for none. `seed` is that of the calibration text.
  package mutating func study(
    _ texts: [(name: String, windows: TextWindows)], count: Int, sample: CalibrationSample,
    seed: UInt64, turns: Int
  ) throws -> PruningStudy {
    let orders = try orders(count: count, sample: sample, seed: seed)
    let losses = try losses(of: texts.map(\.windows), without: orders.flatMap(\.orders))
    return PruningStudy(
      model: model.card.file,
      texts: texts.map { name, windows in
        PruningStudy.Text(
          name: name, windowCount: windows.count, scoredPerWindow: windows.scored.count)
      },
      orders: orders, losses: losses,
      speeds: turns > 0 ? try speeds(without: orders[0].orders[0], turns: turns) : [])
  }

  // MARK: - Orders

  /// The order of each method, SLEB's first; five of them by chance.
  package mutating func orders(
    count: Int, sample: CalibrationSample, seed: UInt64
  ) throws -> [(method: PruningMethod, orders: [[BlockIndex]])] {
    let search = BlockSearch(model.runtime, sample: sample)
    guard count <= search.candidates.count else {
      throw PruningError(
        .badArgument, place: "--blocks",
        "at most \(search.candidates.count) of this model can go.")
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
    observe(.reading(method))
    let dense = search.losses(without: .none)
    let order =
      method == .sleb
      ? try slebOrder(search, count: count, dense: dense, seed: seed)
      : search.order(method, seed: seed, dense: dense)
    observe(.ended)
    try observe.checkStop()
    try ledger.note(order, by: method, calibration: calibration)
    return Array(order.prefix(count))
  }

  /// The order of a search, which goes on from one on the same text and is kept like any other.
  private func slebOrder(
    _ search: BlockSearch, count: Int, dense: [Double], seed: UInt64
  ) throws -> [BlockIndex] {
    let manifest = PruningManifest(
      model: archive.model, method: .sleb, seed: seed, sample: search.sample, denseLosses: dense)
    var job = try SearchJob(search, manifest: manifest, path: archive.path(of: .sleb, seed: seed))
    observe(.ended)
    try job.run(count: count, observe: observe)
    return job.manifest.steps.map(\.block)
  }

  // MARK: - Perplexities

  /// By text, the summed loss of each window without each prefix of each order. A window is read once
  /// for all of them, and what they have in common is computed once.
  package mutating func losses(
    of texts: [TextWindows], without orders: [[BlockIndex]]
  ) throws -> [[BlockSet: [Double]]] {
    let sets = BlockSetPass.sharing(
      Set(orders.flatMap { order in (0...order.count).map { BlockSet(order.prefix($0)) } }))
    let length = texts.map(\.length).max() ?? 0
    let pass = BlockSetPass(model.runtime, length: length)
    var losses = texts.map { _ in [BlockSet: [Double]]() }
    let total = texts.map(\.count).reduce(0, +)
    var done = 0
    for (text, windows) in texts.enumerated() {
      for window in 0..<windows.count {
        let found = try self.losses(
          of: windows[window], scored: windows.scored, without: sets, pass: pass)
        for (set, loss) in found { losses[text][set, default: []].append(loss) }
        done += 1
        observe(.windows(done, of: total, sets: sets.count))
      }
    }
    observe(.ended)
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
    for set in missing where observe.goesOn {
      new[set] = pass.loss(at: scored, without: set)
    }
    try ledger.note(new, of: digest)
    try observe.checkStop()
    return known.filter { sets.contains($0.key) }.merging(new) { $1 }
  }

  // MARK: - Speed

  /// How fast the model writes with 0, 1, 2 ... blocks of `order` gone. In each turn the counts follow
  /// one another, so that a drift of the machine meets them all; the first turn warms up.
  package func speeds(without order: [BlockIndex], turns: Int) throws -> [PruningStudy.Speed] {
    let benchmarks = (0...order.count).map { count in
      SpeedBenchmark(
        model.runtime, capacity: 128, pruned: BlockSet(order.prefix(count)))
    }
    let test = SpeedBenchmark.Test(promptCount: 0, generatedCount: 64)
    var rates = benchmarks.map { _ in [Double]() }
    for turn in 1...turns {
      observe(.speeds(turn: turn, of: turns))
      for (index, benchmark) in benchmarks.enumerated() {
        rates[index] += benchmark.run(test, repetitions: 1).rates
      }
      try observe.checkStop()
    }
    observe(.ended)
    return rates.map { PruningStudy.Speed(rates: $0, whole: rates[0]) }
  }
}
