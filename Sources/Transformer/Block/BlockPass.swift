import Dials
import Kernels

/// Blocks over groups of rows, as one worker of the pool carries them out.
///
/// It looks at what the pass owns for the length of one job; it writes residual streams, keys and values.
struct BlockPass {
  /// The model's shape.
  let shape: Blueprint
  /// The residual streams of the rows in flight.
  let hidden: ActivationRows
  /// Memory for what lies between.
  let scratch: BlockScratch
  let products: Products
  let attention: AttentionPass
  /// Decides where a router is asked.
  let rule: FeedForwardRule

  var kernels: KernelSet { products.kernels }
  var pool: ThreadPool { products.pool }

  /// `h += W_o · attention(RMSNorm(h))`, then the feed-forward; the group's keys and values go into the
  /// cache. `next` is the matrix that is read after the block. The family says which norms there are.
  func run(
    _ group: RowGroup, _ w: BlockView, _ small: SmallFeedForwardView?, then next: MatrixView,
    worker: inout PoolWorker
  ) {
    let x = normalized(group, w.norms.attention, for: w.attentionInput, worker: &worker)
    attention.expectTiles(group, else: w.output, &worker)
    products.project(
      x, count: group.count, queries(w), keys(w), values(w), worker: &worker)
    normalizeHeads(group, w, worker: &worker)
    products.expect(w.output, &worker)
    let attended = attention.attend(group, for: w.output, worker: &worker)
    products.expect(group.isBig ? w.gate : small?.gate ?? w.gate, &worker)
    addProjection(
      attended, w.output, w.changes.output, group, gains: w.norms.attentionPost, worker: &worker)
    if !group.isBig, let small {
      let groups = chosenGroups(group, w, small, worker: &worker)
      if groups.small.count > 0 {
        let following = groups.big.count > 0 ? w.gate : next
        smallFeedForward(groups.small, w, small, then: following, worker: &worker)
      }
      if groups.big.count > 0 { feedForward(groups.big, w, then: next, worker: &worker) }
    } else {
      feedForward(group, w, then: next, worker: &worker)
    }
  }

  /// The group's keys and values from the streams as they stand, into the cache.
  func fill(_ group: RowGroup, _ w: BlockView, worker: inout PoolWorker) {
    let x = normalized(group, w.norms.attention, for: w.attentionInput, worker: &worker)
    products.project(x, count: group.count, keys(w), values(w), worker: &worker)
    normalizeHeads(group, w, keysOnly: true, worker: &worker)
    attention.storeKeysAndValues(group, worker: &worker)
  }

  private func queries(_ w: BlockView) -> Products.Product {
    Products.Product(
      w.query, scratch.shared.queries, change: w.changes.query, bias: w.biases.query,
      factors: w.biases.queryFactors)
  }

  private func keys(_ w: BlockView) -> Products.Product {
    Products.Product(
      w.key, scratch.shared.keys, change: w.changes.key, bias: w.biases.key,
      factors: w.biases.keyFactors)
  }

  private func values(_ w: BlockView) -> Products.Product {
    Products.Product(w.value, scratch.shared.values, change: w.changes.value, bias: w.biases.value)
  }

  /// Captures the group's streams as they stand behind its block.
  func capture(_ group: RowGroup, worker: inout PoolWorker) {
    let captured = scratch.captured[group.block]
    pool.share(group.count, chunk: 8, by: &worker) { part in
      for index in part {
        let row = group[index]
        captured.row(row).update(from: hidden.row(row), count: shape.width)
      }
    }
  }

  /// `h += W_down · (silu(W_gate · x) ⊙ W_up · x)` with `x = RMSNorm(h)`.
  private func feedForward(
    _ group: RowGroup, _ w: BlockView, then next: MatrixView, worker: inout PoolWorker
  ) {
    let x = normalized(group, w.norms.feedForward, for: w.feedForwardInput, worker: &worker)
    products.expect(w.down, &worker)
    gateAndUp(x, w, count: group.count, worker: &worker)
    let inner = scratch.shared.inputs.inner
    let own = inner.quantized(in: scratch.own[worker.index].inputs.inner)
    let gated = products.made(group.count, inner, own: own, worker: &worker) { index, target in
      kernels.prepare(target, rows: index..<index + 1, for: w.down)
    }
    products.expect(next, &worker)
    addProjection(
      gated, w.down, w.changes.down, group, gains: w.norms.feedForwardPost, worker: &worker)
  }

  /// The gated inner state: each worker gates the outputs that it computed.
  private func gateAndUp(
    _ x: ActivationRows, _ w: BlockView, count: Int, worker: inout PoolWorker
  ) {
    let (inner, up) = (scratch.shared.inputs.inner, scratch.shared.up)
    let changes = products.reduced(
      x, count: count, w.changes.gate, w.changes.up, worker: &worker)
    let number = worker.index
    let panelCount = w.gate.panelCount
    pool.share(panelCount, chunk: pool.chunk(of: panelCount), by: &worker) { panels in
      products.multiply(
        w.gate, by: x, changes.first, count: count, panels: panels, into: inner, worker: number)
      products.multiply(
        w.up, by: x, changes.second, count: count, panels: panels, into: up, worker: number)
      let columns = panels.lowerBound * 16..<min(panels.upperBound * 16, shape.innerWidth)
      for row in 0..<count {
        kernels.gate(
          inner.row(row) + columns.lowerBound, with: up.row(row) + columns.lowerBound,
          count: columns.count, by: shape.architecture.activation)
      }
    }
  }

  /// RMSNorm of the group's streams, or the streams themselves, ready for `matrix`.
  func normalized(
    _ group: RowGroup, _ gains: UnsafePointer<Float>?, for matrix: MatrixView,
    worker: inout PoolWorker
  ) -> ActivationRows {
    let own = scratch.own[worker.index].inputs.normed
    return products.made(
      group.count, scratch.shared.inputs.normed, own: own, worker: &worker
    ) { index, target in
      normalize(row: group[index], gains, into: target.row(index))
      kernels.prepare(target, rows: index..<index + 1, for: matrix)
    }
  }

  /// RMSNorm of a row's stream; where there are no gains, the stream.
  func normalize(
    row: Int, _ gains: UnsafePointer<Float>?, into target: UnsafeMutablePointer<Float>
  ) {
    guard let gains else { return target.update(from: hidden.row(row), count: shape.width) }
    kernels.normalize(
      hidden.row(row), weight: gains, count: shape.width, epsilon: shape.normEpsilon, into: target)
  }
}

/// What blocks bring, into the streams.
extension BlockPass {
  /// `h += w · x` for the group's streams, with what is added to the product: each worker adds the
  /// outputs that it computed. With `gains` the product is normalised first.
  func addProjection(
    _ x: ActivationRows, _ w: MatrixView, _ change: LowRankView?, _ group: RowGroup,
    bias: UnsafePointer<Float>? = nil, gains: UnsafePointer<Float>? = nil,
    worker: inout PoolWorker
  ) {
    let projected = scratch.shared.projected
    let added = products.reduced(x, count: group.count, change, worker: &worker).first
    let number = worker.index
    pool.share(w.panelCount, chunk: pool.chunk(of: w.panelCount), by: &worker) { panels in
      products.multiply(
        w, by: x, added, count: group.count, panels: panels, into: projected, worker: number)
      if gains != nil { return }
      let columns = panels.lowerBound * 16..<min(panels.upperBound * 16, shape.width)
      for index in group.indices {
        let target = hidden.row(group[index]) + columns.lowerBound
        add(projected.row(index) + columns.lowerBound, count: columns.count, to: target)
        if let bias { add(bias + columns.lowerBound, count: columns.count, to: target) }
      }
    }
    if let gains { addNormalized(projected, gains, group, worker: &worker) }
  }

  /// `h += scale · x`.
  private func add(_ x: UnsafePointer<Float>, count: Int, to target: UnsafeMutablePointer<Float>) {
    let scale = shape.residualScale
    if scale == 1 { return kernels.add(x, count: count, to: target) }
    for place in 0..<count { target[place] += scale * x[place] }
  }

  /// `h += RMSNorm(x)` for the group's streams: a row is one worker's.
  private func addNormalized(
    _ x: ActivationRows, _ gains: UnsafePointer<Float>, _ group: RowGroup,
    worker: inout PoolWorker
  ) {
    pool.share(group.count, chunk: 1, by: &worker) { part in
      for index in part {
        kernels.normalize(
          x.row(index), weight: gains, count: shape.width, epsilon: shape.normEpsilon,
          into: x.row(index))
        add(x.row(index), count: shape.width, to: hidden.row(group[index]))
      }
    }
  }

  /// RMSNorm of the group's queries, unless `keysOnly`, and keys, head by head or row by row, as the family
  /// has it.
  private func normalizeHeads(
    _ group: RowGroup, _ w: BlockView, keysOnly: Bool = false, worker: inout PoolWorker
  ) {
    guard let queryGains = w.norms.query, let keyGains = w.norms.key else { return }
    let isWhole = shape.architecture.queryKeyNorm == .wholeRow
    let queryCount = keysOnly ? 0 : isWhole ? 1 : shape.headCount
    let keyCount = isWhole ? 1 : shape.keyValueHeadCount
    let count = queryCount + keyCount
    pool.share(group.count * count, chunk: 1, by: &worker) { part in
      for item in part {
        let (index, place) = item.quotientAndRemainder(dividingBy: count)
        if place < queryCount {
          normalizeHead(
            scratch.shared.queries.row(index), place, queryGains,
            width: isWhole ? shape.queryWidth : shape.headWidth)
        } else {
          normalizeHead(
            scratch.shared.keys.row(index), place - queryCount, keyGains,
            width: isWhole ? shape.keyValueWidth : shape.headWidth)
        }
      }
    }
  }

  private func normalizeHead(
    _ row: UnsafeMutablePointer<Float>, _ place: Int, _ gains: UnsafePointer<Float>, width: Int
  ) {
    let values = row + place * width
    kernels.normalize(
      values, weight: gains, count: width, epsilon: shape.normEpsilon, into: values)
  }
}
