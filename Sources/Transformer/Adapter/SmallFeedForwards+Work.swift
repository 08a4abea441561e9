package import Dials

extension SmallFeedForwards {
  /// What a token along `route` takes, one row alone, in blocks that `weights` hold: with the routers of all
  /// of them, and without attention and head.
  package func work(of route: Route, in weights: Weights) -> Work {
    var work = Work()
    for (index, block) in blocks.enumerated() where route.runs(index) {
      let view = weights.blocks[index].view
      work.addBlock(view, rows: 1, big: route[index] == .run ? 1 : 0)
      if route[index] == .small { work.add(block.work, rows: 1) }
      work.add(block.routerWork, rows: 1)
    }
    return work
  }
}
