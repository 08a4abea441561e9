package import Dials

extension BlockSetPass {
  /// What a token of `sequences` costs more in nats without each block than with all of them; nil when
  /// `progress`, which hears the share that is done, answers false. A model of one block has no costs.
  package func costs(
    on sequences: [[TokenID]], progress: (Double) -> Bool = { _ in true }
  ) -> [BlockIndex: Double]? {
    guard blockCount > 1 else { return [:] }
    let blocks = (0..<blockCount).map { BlockIndex($0) }
    let scored = Double(sequences.reduce(0) { $0 + $1.count - 1 })
    var costs: [BlockIndex: Double] = [:]
    for (index, sequence) in sequences.enumerated() {
      begin(sequence)
      let whole = loss(without: .none)
      // The deepest first: each goes on from below the one before.
      for (place, block) in blocks.reversed().enumerated() {
        costs[block, default: 0] += (loss(without: BlockSet([block])) - whole) / scored
        let done = Double(index) + Double(place + 1) / Double(blockCount)
        guard progress(done / Double(sequences.count)) else { return nil }
      }
    }
    return costs
  }
}
