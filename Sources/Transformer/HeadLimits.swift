import Kernels

/// What a pass remembers of a coarse head while it finishes it.
struct HeadLimits: Sendable {
  /// Per row and panel the largest coarse logit, and the highest that a whole one can be.
  private let largest: ActivationRows
  private let highest: ActivationRows
  /// What finishes each row, [capacity], and the rows as 16-bit numbers, [capacity, width].
  nonisolated(unsafe) private let wholes: UnsafeMutablePointer<WholeRows>
  nonisolated(unsafe) private let widened: UnsafeMutablePointer<Int16>
  /// The logit that a token must be able to reach, [capacity].
  nonisolated(unsafe) private let bars: UnsafeMutablePointer<Float>
  /// Per member the highest of what it looks through, [members, largestCount].
  nonisolated(unsafe) private let best: UnsafeMutablePointer<Float>
  /// Per member how many logits it finished, `spacing` apart.
  nonisolated(unsafe) private let finished: UnsafeMutablePointer<Int>
  private let head: CoarseView
  private let memberCount: Int
  private let memory: [AlignedBytes]

  /// The most tokens that can be asked for.
  static let largestCount = 256
  /// Counters between two that are used: each has a pair of cache lines for itself.
  private static let spacing = 16

  init(_ head: CoarseView, capacity: Int, memberCount: Int) {
    let arena = Arena()
    let panels = head.matrix.panelCount
    largest = ActivationRows(capacity: capacity, columns: panels, quantized: false, in: arena)
    highest = ActivationRows(capacity: capacity, columns: panels, quantized: false, in: arena)
    wholes = arena.take(capacity, of: WholeRows.self)
    widened = arena.take(capacity * head.matrix.columns, of: Int16.self)
    bars = arena.take(capacity, of: Float.self)
    best = arena.take(memberCount * Self.largestCount, of: Float.self)
    finished = arena.take(memberCount * Self.spacing, of: Int.self)
    self.head = head
    self.memberCount = memberCount
    memory = arena.pieces
  }

  /// Readies the first rows of `x` for whole rows of the head that lie at `source`.
  func begin(_ x: ActivationRows, count: Int, source: UnsafeRawPointer, _ kernels: KernelSet) {
    for row in 0..<count {
      wholes[row] = WholeRows(
        head, at: source, for: x, row: row, values: widened + row * head.matrix.columns,
        kernels: kernels)
    }
    for member in 0..<memberCount { finished[member * Self.spacing] = 0 }
  }

  /// Coarse logits of some panels, and what they allow.
  func look(at panels: Range<Int>, _ rows: LogitRows, count: Int, _ kernels: KernelSet) {
    kernels.multiply(
      head.matrix, by: rows.normed, rows: 0..<count, panels: panels, into: rows.values)
    for row in 0..<count {
      wholes[row].limits(
        of: rows.values.row(row), panels: panels, largest: largest.row(row),
        highest: highest.row(row), kernels: kernels)
    }
  }

  /// Sets the bar of a row whose coarse logits are `y`.
  ///
  /// At least `count` tokens look as good as the `count`-th best of the panels' largest. Of these the
  /// logits are computed; the `count`-th best of them is the bar.
  func setBar(
    row: Int, count: Int, _ y: UnsafeMutablePointer<Float>, member: Int, _ kernels: KernelSet
  ) {
    let panels = largest.row(row)
    var list = Descending(best + member * Self.largestCount, count: count)
    for panel in 0..<largest.columns { list.offer(panels[panel]) }
    let coarseBar = list.last
    list = Descending(best + member * Self.largestCount, count: count)
    for panel in 0..<largest.columns where panels[panel] >= coarseBar {
      for token in 16 * panel..<min(16 * panel + 16, head.matrix.rows) where y[token] >= coarseBar {
        y[token] = wholes[row].product(token, kernels: kernels)
        finished[member * Self.spacing] += 1
        list.offer(y[token])
      }
    }
    bars[row] = list.last
  }

  /// Computes the logits of some panels that can reach their row's bar.
  ///
  /// A row's logits depend on its own bar alone, not on its company.
  func finish(
    _ panels: Range<Int>, _ rows: LogitRows, count: Int, member: Int, _ kernels: KernelSet
  ) {
    for row in 0..<count {
      finished[member * Self.spacing] += wholes[row].finish(
        rows.values.row(row), panels: panels, highest: highest.row(row), bar: bars[row],
        kernels: kernels)
    }
  }

  /// Logits finished since `begin`.
  var finishedCount: Int { (0..<memberCount).reduce(0) { $0 + finished[$1 * Self.spacing] } }
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
