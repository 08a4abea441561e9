import Dials
import Kernels

/// Scratch of small feed-forwards and their routers.
struct SmallScratch: Sendable {
  /// The units of a small feed-forward, [capacity, inner + rank], and the factor of its gate.
  let inner: ActivationRows
  let up: ActivationRows
  /// What each worker makes of a single row, and the rows that it sorted.
  fileprivate let own: [Own]
  /// What the routers said, [blockCount, capacity].
  private nonisolated(unsafe) let scores: UnsafeMutablePointer<Float>
  private let capacity: Int

  /// What a worker has for itself.
  fileprivate struct Own: BitwiseCopyable {
    let inner: ActivationRows
    /// Rows in flight that take the big feed-forward and the small one, [capacity] each.
    nonisolated(unsafe) let big: UnsafeMutablePointer<Int>
    nonisolated(unsafe) let small: UnsafeMutablePointer<Int>
  }

  init(
    _ shape: SmallFeedForwardShape, blockCount: Int, rowCapacity: Int, workerCount: Int,
    in arena: Arena
  ) {
    let units = shape.inner + shape.rank
    capacity = rowCapacity
    inner = ActivationRows(capacity: rowCapacity, columns: units, in: arena)
    up = ActivationRows(
      capacity: rowCapacity, columns: shape.inner, quantized: false, in: arena)
    own = (0..<workerCount).map { _ in
      Own(
        inner: ActivationRows(capacity: 1, columns: units, in: arena),
        big: arena.take(rowCapacity, of: Int.self), small: arena.take(rowCapacity, of: Int.self))
    }
    scores = arena.take(blockCount * rowCapacity, of: Float.self)
  }

  /// What the router of a block said of a row in flight.
  func score(block: Int, row: Int) -> Float { scores[block * capacity + row] }

  fileprivate func setScore(_ score: Float, block: Int, row: Int) {
    scores[block * capacity + row] = score
  }

  /// What a row takes, once the router that it may ask has spoken.
  func resolved(
    _ choice: FeedForwardChoice, block: Int, row: Int, by rule: FeedForwardRule
  ) -> FeedForwardChoice {
    guard choice == .asked else { return choice }
    return rule.action(score: score(block: block, row: row)) == .small ? .small : .big
  }
}

/// Small feed-forwards, and who takes them.
extension BlockPass {
  /// The rows of a group by the feed-forward that they take; those that take none are in neither.
  ///
  /// What a router says of a row depends on the row alone.
  func chosenGroups(
    _ group: RowGroup, _ w: BlockView, _ small: SmallFeedForwardView, worker: inout PoolWorker
  ) -> (big: RowGroup, small: RowGroup) {
    guard let room = scratch.small else { return (group, group.prefix(0)) }
    let own = room.own[worker.index]
    let asks = group.indices.contains { group.choice($0) == .asked }
    var single: Float = 0
    if asks {
      let input = scratch.own[worker.index].inputs.normed
      if group.count == 1 {
        // Every worker asks for itself: the score goes to memory that the others do not read now.
        single = score(row: group[0], w, small, in: input)
        if worker.index == 0 { room.setScore(single, block: group.block, row: group[0]) }
      } else {
        pool.share(group.count, chunk: 4, by: &worker) { part in
          for index in part where group.choice(index) == .asked {
            let score = score(row: group[index], w, small, in: input)
            room.setScore(score, block: group.block, row: group[index])
          }
        }
      }
    }
    var counts = (big: 0, small: 0)
    for index in group.indices {
      let choice =
        asks && group.count == 1
        ? (rule.action(score: single) == .small ? .small : .big)
        : room.resolved(group.choice(index), block: group.block, row: group[index], by: rule)
      switch choice {
      case .small:
        own.small[counts.small] = group[index]
        counts.small += 1
      case .big, .asked:
        own.big[counts.big] = group[index]
        counts.big += 1
      case .none: break
      }
    }
    return (
      RowGroup(block: group.block, count: counts.big, rows: own.big),
      RowGroup(block: group.block, count: counts.small, rows: own.small)
    )
  }

  /// What the router says of a row. The sum is taken in a fixed order.
  private func score(
    row: Int, _ w: BlockView, _ small: SmallFeedForwardView, in input: ActivationRows
  ) -> Float {
    let x = input.row(0)
    normalize(row: row, w.norms.feedForward, into: x)
    var lanes = SIMD16<Float>(repeating: 0)
    var rest: Float = 0
    let whole = shape.width / 16 * 16
    for first in stride(from: 0, to: whole, by: 16) {
      let weights = UnsafeRawPointer(small.routerWeight + first)
        .loadUnaligned(as: SIMD16<Float>.self)
      let values = UnsafeRawPointer(x + first).loadUnaligned(as: SIMD16<Float>.self)
      lanes += weights * values
    }
    for index in whole..<shape.width { rest += small.routerWeight[index] * x[index] }
    return FeedForwardRule.rounded(lanes.sum() + rest + small.routerBias)
  }

  /// `h += ffnDown · [silu(ffnGate · x) ⊙ ffnUp · x, linear · x] + bias` with `x = RMSNorm(h)`.
  func smallFeedForward(
    _ group: RowGroup, _ w: BlockView, _ small: SmallFeedForwardView, then next: MatrixView,
    worker: inout PoolWorker
  ) {
    guard let room = scratch.small else { return }
    let x = normalized(group, w.norms.feedForward, for: small.input, worker: &worker)
    products.expect(small.down, &worker)
    smallUnits(x, small, count: group.count, room, worker: &worker)
    let own = room.inner.quantized(in: room.own[worker.index].inner)
    let units = products.made(group.count, room.inner, own: own, worker: &worker) {
      index, target in
      kernels.prepare(target, rows: index..<index + 1, for: small.down)
    }
    products.expect(next, &worker)
    addProjection(
      units, small.down, nil, group, bias: small.bias, gains: w.norms.feedForwardPost,
      worker: &worker)
  }

  /// The units: each worker gates the outputs that it computed, and the linear ones lie behind them.
  private func smallUnits(
    _ x: ActivationRows, _ small: SmallFeedForwardView, count: Int, _ room: SmallScratch,
    worker: inout PoolWorker
  ) {
    let gated = small.gate.panelCount
    let linearRows = room.inner.suffix(from: small.inner)
    pool.share(gated + (small.linear?.panelCount ?? 0), chunk: 1, by: &worker) { part in
      let panels = part.clamped(to: 0..<gated)
      if !panels.isEmpty {
        kernels.multiply(
          small.gate, by: x, rows: 0..<count, panels: panels, into: room.inner)
        kernels.multiply(small.up, by: x, rows: 0..<count, panels: panels, into: room.up)
        let columns = panels.lowerBound * 16..<min(panels.upperBound * 16, small.inner)
        for row in 0..<count {
          kernels.gate(
            room.inner.row(row) + columns.lowerBound, with: room.up.row(row) + columns.lowerBound,
            count: columns.count, by: shape.architecture.activation)
        }
      }
      let others = part.shifted(by: -gated).clamped(to: 0..<(small.linear?.panelCount ?? 0))
      if let linear = small.linear, !others.isEmpty {
        kernels.multiply(linear, by: x, rows: 0..<count, panels: others, into: linearRows)
      }
    }
  }
}

extension Work {
  /// What a block took, with the feed-forwards that its rows chose.
  mutating func addBlock(
    _ block: BlockView, _ group: RowGroup, _ small: SmallFeedForwardView?, _ room: SmallScratch?,
    rule: FeedForwardRule
  ) {
    guard !group.isBig, let small, let room else { return addBlock(block, rows: group.count) }
    var counts = (big: 0, small: 0, asked: 0)
    for index in group.indices {
      let choice = group.choice(index)
      counts.asked += choice == .asked ? 1 : 0
      switch room.resolved(choice, block: group.block, row: group[index], by: rule) {
      case .small: counts.small += 1
      case .none: break
      case .big, .asked: counts.big += 1
      }
    }
    addBlock(block, rows: group.count, big: counts.big)
    add(small.work, rows: counts.small)
    add(small.routerWork, rows: counts.asked)
  }
}
