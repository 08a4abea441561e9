import Dials
import Events
import Reports

extension BlockFacts {
  /// What is known of each block, a line of text each.
  func lines(blockCount: Int, pruned: BlockSet) -> [String] {
    (0..<blockCount).map { number in
      let block = BlockIndex(number)
      let rise = rise(without: block).map {
        "perplexity \($0 < 0 ? "" : "+")\(Numbers.percent($0, 1)) without it"
      }
      let place = order.firstIndex(of: block).map { "goes as number \($0 + 1)" }
      let state = pruned.contains(block) ? "left out" : nil
      let words = [state, rise ?? "not measured", place].compactMap { $0 }
      return "blk \(number): " + words.joined(separator: ", ")
    }
  }
}
