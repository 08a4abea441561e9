package import Dials

extension ForwardPass {
  package func run(rows: Range<Int>, blocks: Range<Int>, route: Route, capture: Bool = false) {
    run(rows: rows, blocks: blocks, pruned: route.pruned.union(route.skipped), capture: capture)
  }
  package func fill(rows: Range<Int>, blocks: Range<Int>, route: Route) {
    fill(rows: rows, blocks: blocks, pruned: route.pruned)
  }
  package func commit(path: [Int], route: Route) { commit(path: path, pruned: route.pruned) }
}
extension ForwardPass {
  package func run(rows: [Int], blocks: Range<Int>, route: Route) {
    for row in rows { run(rows: row..<row + 1, blocks: blocks, route: route) }
  }
  package func fill(rows: [Int], blocks: Range<Int>, route: Route) {
    for row in rows { fill(rows: row..<row + 1, blocks: blocks, route: route) }
  }
}
