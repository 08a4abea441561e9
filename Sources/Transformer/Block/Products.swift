import Kernels

/// Products of matrices with rows of activations, shared out to a crew.
struct Products: Sendable {
  let kernels: KernelSet
  let crew: WorkCrew
  /// Scratch of what an adapter adds to the products; nil where none does.
  let lowRank: LowRankScratch?

  /// A matrix, where its product with some rows goes, and what is added to it.
  typealias Product = (w: MatrixView, y: ActivationRows, change: LowRankView?)

  /// Rows that a product reads. A single row is made by every member for itself, which costs less
  /// than to wait for one; more rows are shared out.
  func made(
    _ count: Int, _ shared: ActivationRows, own: ActivationRows, member: inout CrewMember,
    _ make: (Int, ActivationRows) -> Void
  ) -> ActivationRows {
    if count == 1 {
      make(0, own)
      return own
    }
    crew.share(count, chunk: 1, by: &member) { part in
      for index in part { make(index, shared) }
    }
    return shared
  }

  /// Says which matrix `member` reads after what it is about to do.
  func expect(_ matrix: MatrixView, _ member: inout CrewMember) {
    member.upcoming = Upcoming(
      matrix, panels: crew.part(of: matrix.panelCount, member: member.index))
  }

  /// `y = w · x` for up to three matrices at once, their panels shared out together.
  func project(
    _ x: ActivationRows, count: Int, _ a: Product, _ b: Product? = nil,
    _ c: Product? = nil, member: inout CrewMember
  ) {
    let second = a.w.panelCount
    let third = second + (b?.w.panelCount ?? 0)
    let total = third + (c?.w.panelCount ?? 0)
    let changes = reduced(x, count: count, a.change, b?.change, c?.change, member: &member)
    let index = member.index
    crew.share(total, chunk: crew.chunk(of: total), by: &member) { part in
      func multiply(_ piece: Product, from first: Int, _ change: Change?) {
        let panels = part.shifted(by: -first).clamped(to: 0..<piece.w.panelCount)
        if panels.isEmpty { return }
        self.multiply(
          piece.w, by: x, change, count: count, panels: panels, into: piece.y, member: index)
      }
      multiply(a, from: 0, changes.first)
      if let b { multiply(b, from: second, changes.second) }
      if let c { multiply(c, from: third, changes.third) }
    }
  }
}

/// Products of the same rows as a piece of work of their own: what a head or an exit module asks of a crew.
final class ProductTask: CrewTask {
  let products: Products
  private var request: Request?

  private typealias Request = (
    x: ActivationRows, count: Int, a: Products.Product, b: Products.Product?
  )

  init(kernels: KernelSet, crew: WorkCrew) {
    products = Products(kernels: kernels, crew: crew, lowRank: nil)
  }

  /// `y = w · x` for the first `count` rows of x, which are quantised first, and one matrix or two.
  func multiply(
    _ x: ActivationRows, count: Int, _ a: Products.Product, _ b: Products.Product? = nil
  ) {
    products.kernels.prepare(x, rows: 0..<count, for: a.w)
    request = (x, count, a, b)
    products.crew.run(self)
  }

  func run(as member: inout CrewMember, of crew: WorkCrew) {
    guard let request else { return }
    products.project(
      request.x, count: request.count, request.a, request.b, member: &member)
  }
}
