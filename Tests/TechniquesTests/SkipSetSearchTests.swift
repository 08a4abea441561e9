import Dials
import Techniques
import Testing

/// The search for blocks that a self-draft can do without.
struct SkipSetSearchTests {
  /// Runs a search in which a block's worth is its index: the best sets leave out the first ones.
  private func run(_ search: inout SkipSetSearch, trials: Int) -> [BlockSet] {
    (0..<trials).map { _ in
      let set = search.proposal()
      let worth = set.sorted.reduce(0.0) { $0 + Double($1.rawValue) }
      search.note(set, score: 0.9 - worth / 1000)
      return set
    }
  }

  @Test func `the first and the last block and pruned ones are never in a set`() {
    let pruned = BlockSet(indices: [3, 4])
    var search = SkipSetSearch(blockCount: 12, pruned: pruned)
    for set in run(&search, trials: 200) {
      #expect(!set.isEmpty && set.count <= 5)
      #expect(set.sorted.allSatisfy { (1...10).contains($0.rawValue) && !pruned.contains($0) })
    }
  }

  @Test func `it begins with every second block, keeps the best, and gets better`() {
    var search = SkipSetSearch(blockCount: 12, pruned: .none)
    #expect(search.best == BlockSet(indices: [1, 3, 5, 7, 9]))
    #expect(search.bestScore == nil)
    let sets = run(&search, trials: 150)
    #expect(sets[0] == BlockSet(indices: [1, 3, 5, 7, 9]))
    #expect(search.trialCount == 150)
    let best = search.bestScore ?? 0
    #expect(best > 0.9 - 0.025)
    search.note(BlockSet(indices: [10]), score: 0.1)
    #expect(search.bestScore == best)
  }

  @Test func `it ends when a set is good enough, or nothing better comes`() {
    var good = SkipSetSearch(blockCount: 12, pruned: .none)
    #expect(!good.isOver)
    good.note(good.proposal(), score: 0.96)
    #expect(good.isOver)
    var stuck = SkipSetSearch(blockCount: 12, pruned: .none)
    for _ in 0..<302 where !stuck.isOver { stuck.note(stuck.proposal(), score: 0.5) }
    #expect(stuck.isOver && stuck.trialCount == 301)
    #expect(SkipSetSearch(blockCount: 3, pruned: .none).isOver)
    #expect(SkipSetSearch(blockCount: 1, pruned: .none).best.isEmpty)
  }
}
