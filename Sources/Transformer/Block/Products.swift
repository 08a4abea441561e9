import Kernels

/// Products of matrices with rows of activations, shared out to a pool.
struct Products: Sendable {
  let kernels: KernelSet
  let pool: ThreadPool
  /// Scratch of what an adapter adds to the products; nil where none does.
  let lowRank: LowRankScratch?

  /// A matrix, where its product with some rows goes, and what is added to it.
  struct Product {
    let w: MatrixView
    let y: ActivationRows
    var change: LowRankView?
    /// What is added, and what the sum is multiplied by, [rows of w] each.
    var bias: UnsafePointer<Float>?
    var factors: UnsafePointer<Float>?

    init(
      _ w: MatrixView, _ y: ActivationRows, change: LowRankView? = nil,
      bias: UnsafePointer<Float>? = nil, factors: UnsafePointer<Float>? = nil
    ) {
      (self.w, self.y, self.change) = (w, y, change)
      (self.bias, self.factors) = (bias, factors)
    }
  }

  /// Rows that a product reads. A single row is made by every worker for itself, which costs less
  /// than to wait for one; more rows are shared out.
  func made(
    _ count: Int, _ shared: ActivationRows, own: ActivationRows, worker: inout PoolWorker,
    _ make: (Int, ActivationRows) -> Void
  ) -> ActivationRows {
    if count == 1 {
      make(0, own)
      return own
    }
    pool.share(count, chunk: 1, by: &worker) { part in
      for index in part { make(index, shared) }
    }
    return shared
  }

  /// Says which matrix `worker` reads after what it is about to do.
  func expect(_ matrix: MatrixView, _ worker: inout PoolWorker) {
    worker.prefetch = Prefetch(
      matrix, panels: pool.part(of: matrix.panelCount, worker: worker.index))
  }

  /// Adds a bias to some panels of outputs and multiplies the sums, where there is something to do.
  private func finish(_ piece: Product, count: Int, panels: Range<Int>) {
    guard piece.bias != nil || piece.factors != nil else { return }
    let outputs = panels.lowerBound * 16..<min(panels.upperBound * 16, piece.w.rows)
    for row in 0..<count {
      let target = piece.y.row(row)
      if let bias = piece.bias {
        kernels.add(
          bias + outputs.lowerBound, count: outputs.count, to: target + outputs.lowerBound)
      }
      if let factors = piece.factors { for output in outputs { target[output] *= factors[output] } }
    }
  }

  /// `y = w · x` for up to three matrices at once, their panels shared out together.
  func project(
    _ x: ActivationRows, count: Int, _ a: Product, _ b: Product? = nil,
    _ c: Product? = nil, worker: inout PoolWorker
  ) {
    let second = a.w.panelCount
    let third = second + (b?.w.panelCount ?? 0)
    let total = third + (c?.w.panelCount ?? 0)
    let changes = reduced(x, count: count, a.change, b?.change, c?.change, worker: &worker)
    let index = worker.index
    pool.share(total, chunk: pool.chunk(of: total), by: &worker) { part in
      func multiply(_ piece: Product, from first: Int, _ change: Change?) {
        let panels = part.shifted(by: -first).clamped(to: 0..<piece.w.panelCount)
        if panels.isEmpty { return }
        self.multiply(
          piece.w, by: x, change, count: count, panels: panels, into: piece.y, worker: index)
        finish(piece, count: count, panels: panels)
      }
      multiply(a, from: 0, changes.first)
      if let b { multiply(b, from: second, changes.second) }
      if let c { multiply(c, from: third, changes.third) }
    }
  }
}

/// Products of the same rows as a piece of work of their own: what a head or an exit module asks of a pool.
final class ProductTask: PoolTask {
  let products: Products
  private var request: Request?

  var isFineGrained: Bool { true }

  private typealias Request = (
    x: ActivationRows, count: Int, a: Products.Product, b: Products.Product?
  )

  init(kernels: KernelSet, pool: ThreadPool) {
    products = Products(kernels: kernels, pool: pool, lowRank: nil)
  }

  /// `y = w · x` for the first `count` rows of x, which are quantised first, and one matrix or two.
  func multiply(
    _ x: ActivationRows, count: Int, _ a: Products.Product, _ b: Products.Product? = nil
  ) {
    products.kernels.prepare(x, rows: 0..<count, for: a.w)
    request = (x, count, a, b)
    products.pool.run(self)
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    guard let request else { return }
    products.project(
      request.x, count: request.count, request.a, request.b, worker: &worker)
  }
}

extension KernelSet {
  /// `gate = activation(gate) · up`, [count].
  func gate(
    _ gate: UnsafeMutablePointer<Float>, with up: UnsafePointer<Float>, count: Int,
    by activation: Activation
  ) {
    switch activation {
    case .silu: self.gate(gate, with: up, count: count)
    case .geluTanh: gateByGELU(gate, with: up, count: count)
    }
  }
}
