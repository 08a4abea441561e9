import Kernels

/// The k highest logits of each row, exact, from little more than the head's upper five bits: top-k with
/// upper bounds.
///
/// 1. Every logit is computed from the upper bits, which gives it within a bound.
/// 2. The tokens that look best are rescored in full. The k-th best of these logits is the row's
///    threshold: no token whose upper bound is below it can be among the k best.
/// 3. Every token whose upper bound reaches the threshold is rescored too.
///
/// So the k highest logits, and all that equal them, are those of the whole head, bit for bit; what is
/// left coarse lies below them. A row's logits depend on its own threshold alone, not on its company.
final class TopLogits: PoolTask {
  private let head: CoarseView
  private let rows: LogitRows
  private let kernels: KernelSet
  /// Per row and panel of the head the largest coarse logit, and the upper bound of all whole ones.
  private let panels: PanelBounds
  /// What rescores each row.
  private let rescorers: RowRescorers
  /// What each worker of the pool has for itself.
  private let lists: MemberLists
  private let memory: [AlignedBytes]
  private var request = (count: 0, k: 0)

  var isFineGrained: Bool { true }

  /// The most tokens that can be asked for.
  static let largestCount = 256

  init(_ head: CoarseView, rows: LogitRows, kernels: KernelSet, workerCount: Int) {
    self.head = head
    self.rows = rows
    self.kernels = kernels
    let arena = Arena()
    panels = PanelBounds(rows: rows.capacity, panels: head.matrix.panelCount, in: arena)
    rescorers = RowRescorers(rows: rows.capacity, width: head.matrix.columns, in: arena)
    lists = MemberLists(workerCount: workerCount, in: arena)
    memory = arena.pieces
  }

  /// The most tokens that can be asked for here: each comes from another panel in the first step.
  var limit: Int { min(Self.largestCount, head.matrix.panelCount) }

  /// Makes the `k` highest logits of the first `count` normalised rows exact, and returns how many logits
  /// were rescored. `wholeRows` are the head's rows as its file holds them.
  func find(_ k: Int, count: Int, wholeRows: UnsafeRawPointer, pool: ThreadPool) -> Int {
    request = (count, k)
    rescorers.prepare(rows.normed, count: count, head, at: wholeRows, kernels)
    lists.clear()
    pool.run(self)
    return lists.rescoredCount
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    let index = worker.index
    let panelCount = head.matrix.panelCount
    let chunk = pool.chunk(of: panelCount)
    pool.share(panelCount, chunk: chunk, by: &worker) { bound($0) }
    pool.share(request.count, chunk: 1, by: &worker) { rows in
      for row in rows { setThreshold(row: row, worker: index) }
    }
    pool.share(panelCount, chunk: chunk, by: &worker) { rescore($0, worker: index) }
  }

  /// Step 1: the coarse logits of some panels, and what they bound.
  private func bound(_ part: Range<Int>) {
    kernels.multiply(
      head.matrix, by: rows.normed, rows: 0..<request.count, panels: part, into: rows.values)
    for row in 0..<request.count {
      rescorers[row].bounds(
        of: rows.values.row(row), panels: part, largest: panels.largest.row(row),
        upper: panels.upper.row(row), kernels: kernels)
    }
  }

  /// Step 2: the threshold of a row.
  ///
  /// At least k tokens look as good as the k-th best of the panels' largest. These are rescored; the k-th
  /// best of them is the threshold.
  private func setThreshold(row: Int, worker: Int) {
    let largest = panels.largest.row(row)
    let logits = rows.values.row(row)
    var best = lists.descending(worker, count: request.k)
    for panel in 0..<panels.count { best.offer(largest[panel]) }
    let coarse = best.last
    best = lists.descending(worker, count: request.k)
    for panel in 0..<panels.count where largest[panel] >= coarse {
      for token in 16 * panel..<min(16 * panel + 16, head.matrix.rows)
      where logits[token] >= coarse {
        logits[token] = rescorers[row].product(token, kernels: kernels)
        lists.add(1, for: worker)
        best.offer(logits[token])
      }
    }
    rescorers.thresholds[row] = best.last
  }

  /// Step 3: rescores what can reach its row's threshold, in some panels.
  private func rescore(_ part: Range<Int>, worker: Int) {
    for row in 0..<request.count {
      let count = rescorers[row].rescore(
        rows.values.row(row), panels: part, upper: panels.upper.row(row),
        threshold: rescorers.thresholds[row], kernels: kernels)
      lists.add(count, for: worker)
    }
  }
}

/// What coarse logits say of the panels of a head, [rows, panels] each.
private struct PanelBounds {
  let largest: ActivationRows
  let upper: ActivationRows

  init(rows: Int, panels: Int, in arena: Arena) {
    largest = ActivationRows(capacity: rows, columns: panels, quantized: false, in: arena)
    upper = ActivationRows(capacity: rows, columns: panels, quantized: false, in: arena)
  }

  var count: Int { largest.columns }
}

/// What rescores rows of logits, and from which logit on, [rows] each.
private struct RowRescorers {
  let rows: UnsafeMutablePointer<WholeRows>
  let thresholds: UnsafeMutablePointer<Float>
  /// The rows as 16-bit numbers, [rows, width].
  private let widened: UnsafeMutablePointer<Int16>

  init(rows count: Int, width: Int, in arena: Arena) {
    rows = arena.take(count, of: WholeRows.self)
    thresholds = arena.take(count, of: Float.self)
    widened = arena.take(count * width, of: Int16.self)
  }

  subscript(row: Int) -> WholeRows { rows[row] }

  /// Readies the first rows of `x`.
  func prepare(
    _ x: ActivationRows, count: Int, _ head: CoarseView, at source: UnsafeRawPointer,
    _ kernels: KernelSet
  ) {
    for row in 0..<count {
      rows[row] = WholeRows(
        head, at: source, for: x, row: row, values: widened + row * head.matrix.columns,
        kernels: kernels)
    }
  }
}

/// What workers of a pool have for themselves: a list of the best, and how many logits they rescored.
private struct MemberLists {
  private let best: UnsafeMutablePointer<Float>
  private let rescored: UnsafeMutablePointer<Int>
  private let workerCount: Int

  /// Counters between two that are used: each has a pair of cache lines for itself.
  private static let spacing = 16

  init(workerCount: Int, in arena: Arena) {
    self.workerCount = workerCount
    best = arena.take(workerCount * TopLogits.largestCount, of: Float.self)
    rescored = arena.take(workerCount * Self.spacing, of: Int.self)
  }

  func clear() { for worker in 0..<workerCount { rescored[worker * Self.spacing] = 0 } }

  func add(_ count: Int, for worker: Int) { rescored[worker * Self.spacing] += count }

  var rescoredCount: Int { (0..<workerCount).reduce(0) { $0 + rescored[$1 * Self.spacing] } }

  /// A list of a worker, without a number in it.
  func descending(_ worker: Int, count: Int) -> Descending {
    Descending(best + worker * TopLogits.largestCount, count: count)
  }
}

/// The highest of many numbers, in descending order, in memory that is given.
private struct Descending {
  private let values: UnsafeMutablePointer<Float>
  private let count: Int

  init(_ values: UnsafeMutablePointer<Float>, count: Int) {
    self.values = values
    self.count = count
    values.update(repeating: -.infinity, count: count)
  }

  /// The lowest of them.
  var last: Float { values[count - 1] }

  /// Takes a number in, if it is high enough.
  @inline(__always)
  func offer(_ value: Float) {
    guard value > last else { return }
    var place = count - 1
    while place > 0, values[place - 1] < value {
      values[place] = values[place - 1]
      place -= 1
    }
    values[place] = value
  }
}
