import Dials
import Kernels

extension CostTable {
  /// Measures what passes of several rows cost, in some milliseconds; no row may be in flight.
  ///
  /// Blocks are alike and so are the head's panels: a pass is timed as two blocks and a sixteenth of the
  /// head (of its coarse form, where it has one), and scaled up. Each measurement takes the next blocks
  /// and panels, so that the weights come from where a whole pass would find them, not from the cache of
  /// the measurement before. The counts take turns, and of each count's times the shortest is kept: other
  /// programs make a pass longer, never shorter. Nothing of it stays, neither rows nor counted work.
  package init(measuredOn pass: ForwardPass, repetitions: Int = 5) {
    precondition(pass.rowCount == 0, "costs are measured between passes")
    let counted = pass.work
    defer { pass.work = counted }
    let head = pass.weights.coarseHead?.matrix ?? pass.weights.head
    let slices = RotatingSlices(blockCount: pass.blockCount, panelCount: head.panelCount)
    var times = Self.measuredCounts.map { _ in Double.infinity }
    var turn = 0
    for _ in 0..<max(1, repetitions) {
      Self.append(Self.measuredCounts.max() ?? 1, to: pass)
      for (index, count) in Self.measuredCounts.enumerated() {
        let time = Self.seconds(rows: count, of: pass, head: head, slices: slices, turn: turn)
        times[index] = min(times[index], time)
        turn += 1
      }
      pass.discard()
    }
    self.init(times: times)
  }

  /// Puts `count` rows in flight and gives the head something to read.
  private static func append(_ count: Int, to pass: ForwardPass) {
    pass.appendChain(
      (0..<count).map { TokenID(($0 * 7919 + 31) % pass.weights.blueprint.vocabularyCount) })
    pass.head.normalize(count: count, by: pass.weights.outputNorm) { pass.wave.hidden.row($0) }
    pass.kernels.prepare(pass.head.rows.normed, rows: 0..<count, for: pass.weights.head)
  }

  /// The time of a whole pass of `count` rows, estimated from one slice of it.
  private static func seconds(
    rows count: Int, of pass: ForwardPass, head: MatrixView, slices: RotatingSlices, turn: Int
  ) -> Double {
    let blocks = slices.blocks(turn)
    let panels = slices.panels(turn)
    let slice = HeadSlice(
      kernels: pass.kernels, head: head, rows: pass.head.rows, count: count, panels: panels)
    let clock = ContinuousClock()
    let begin = clock.now
    pass.run(rows: 0..<count, blocks: blocks)
    let middle = clock.now
    pass.pool.run(slice)
    let end = clock.now
    return (middle - begin) / .seconds(1) * Double(pass.blockCount) / Double(blocks.count)
      + (end - middle) / .seconds(1) * Double(head.panelCount) / Double(panels.count)
  }
}

/// Which blocks and which panels of the head a measurement takes.
private struct RotatingSlices {
  let blockCount: Int
  let panelCount: Int

  func blocks(_ turn: Int) -> Range<Int> {
    let size = min(2, blockCount)
    let first = turn % (blockCount / size) * size
    return first..<first + size
  }

  func panels(_ turn: Int) -> Range<Int> {
    let size = max(1, panelCount / 16)
    let first = turn % (panelCount / size) * size
    return first..<first + size
  }
}

/// A part of the head's product, shared by a pool.
private final class HeadSlice: PoolTask {
  let isFineGrained = true
  let kernels: KernelSet
  let head: MatrixView
  let rows: LogitRows
  let count: Int
  let panels: Range<Int>

  init(kernels: KernelSet, head: MatrixView, rows: LogitRows, count: Int, panels: Range<Int>) {
    (self.kernels, self.head, self.rows) = (kernels, head, rows)
    (self.count, self.panels) = (count, panels)
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    pool.share(panels.count, chunk: pool.chunk(of: panels.count), by: &worker) { part in
      kernels.multiply(
        head, by: rows.normed, rows: 0..<count, panels: part.shifted(by: panels.lowerBound),
        into: rows.values)
    }
  }
}
