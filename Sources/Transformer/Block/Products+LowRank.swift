import Kernels

/// Changes of low rank on their way, of up to three projections that read the same rows:
/// `factor · A · x`, [capacity, rank] each.
struct LowRankRows: Sendable, BitwiseCopyable {
  let first: ActivationRows
  let second: ActivationRows
  let third: ActivationRows

  fileprivate init(rank: Int, capacity: Int, in arena: Arena) {
    func room() -> ActivationRows { ActivationRows(capacity: capacity, columns: rank, in: arena) }
    first = room()
    second = room()
    third = room()
  }
}

/// Scratch of a model that is changed by products of low rank.
struct LowRankScratch: Sendable {
  /// What is made of many rows, and by each worker what is made of a single one.
  fileprivate let shared: LowRankRows
  fileprivate let own: [LowRankRows]
  /// `B · …` on its way to the product that it is added to, for each worker, [capacity, outputs].
  fileprivate let products: [ActivationRows]

  /// Room for the changes of `weights`; nil where there are none.
  init?(_ weights: Weights, rowCapacity: Int, workerCount: Int, in arena: Arena) {
    guard let changes = weights.changes else { return nil }
    let shape = weights.blueprint
    func rows(_ capacity: Int) -> LowRankRows {
      LowRankRows(rank: changes.rank, capacity: capacity, in: arena)
    }
    shared = rows(rowCapacity)
    own = (0..<workerCount).map { _ in rows(1) }
    products = (0..<workerCount).map { _ in
      ActivationRows(
        capacity: rowCapacity,
        columns: max(shape.width, shape.queryWidth, shape.keyValueWidth, shape.innerWidth),
        quantized: false, in: arena)
    }
  }
}

extension Products {
  /// A change and the rows that its second half reads.
  typealias Change = (view: LowRankView, inner: ActivationRows)
  /// The changes of up to three products of the same rows.
  typealias Changes = (first: Change?, second: Change?, third: Change?)

  /// Makes `factor · A · x` for up to three changes, as ``made(_:_:own:worker:_:)`` makes rows: a single
  /// one is made by every worker for itself.
  func reduced(
    _ x: ActivationRows, count: Int, _ first: LowRankView?, _ second: LowRankView? = nil,
    _ third: LowRankView? = nil, worker: inout PoolWorker
  ) -> Changes {
    guard first != nil || second != nil || third != nil, let lowRank else { return (nil, nil, nil) }
    let isSingle = count == 1
    let room = isSingle ? lowRank.own[worker.index] : lowRank.shared
    func change(_ view: LowRankView?, _ room: ActivationRows) -> Change? {
      view.map { (view: $0, inner: room.prefix(columns: $0.a.rows)) }
    }
    let changes: Changes = (
      change(first, room.first), change(second, room.second), change(third, room.third)
    )
    func make(_ part: Range<Int>) {
      if let change = changes.first { reduce(x, rows: part, change) }
      if let change = changes.second { reduce(x, rows: part, change) }
      if let change = changes.third { reduce(x, rows: part, change) }
    }
    if isSingle {
      make(0..<1)
    } else {
      pool.share(count, chunk: 8, by: &worker) { make($0) }
    }
    return changes
  }

  private func reduce(_ x: ActivationRows, rows: Range<Int>, _ change: Change) {
    let (view, inner) = change
    kernels.prepare(x, rows: rows, for: view.a)
    kernels.multiply(view.a, by: x, rows: rows, panels: 0..<view.a.panelCount, into: inner)
    for row in rows {
      let values = inner.row(row)
      for index in 0..<view.a.rows { values[index] *= view.factor }
    }
    kernels.prepare(inner, rows: rows, for: view.b)
  }

  /// `y = w · x` for some panels of outputs, and what a change adds to them.
  func multiply(
    _ w: MatrixView, by x: ActivationRows, _ change: Change?, count: Int,
    panels: Range<Int>, into y: ActivationRows, worker index: Int
  ) {
    kernels.multiply(w, by: x, rows: 0..<count, panels: panels, into: y)
    guard let change, let product = lowRank?.products[index] else { return }
    kernels.multiply(
      change.view.b, by: change.inner, rows: 0..<count, panels: panels, into: product)
    let columns = panels.lowerBound * 16..<min(panels.upperBound * 16, w.rows)
    for row in 0..<count {
      kernels.add(
        product.row(row) + columns.lowerBound, count: columns.count,
        to: y.row(row) + columns.lowerBound)
    }
  }
}
