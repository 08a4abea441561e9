package import Dials

/// What a policy decides for one token, taken from recorded readouts alone: no model is present.
///
/// This is the definition of a depth policy's meaning: a forward pass that asks the same policy and
/// takes the same readouts draws the same line.
package struct DepthReplay: Hashable, Sendable {
  /// What happened in every block.
  package let line: DepthLine
  /// The depth at which the token left: blocks of the model it had passed, pruned ones included;
  /// nil when it went to the end.
  package let exitDepth: Int?
  /// The depths after which the policy asked for a readout, ascending.
  package let askedDepths: [Int]
  /// The depths after which it asked a gate, ascending.
  package let askedGates: [Int]

  /// Whether every readout and every gate that the policy asked for is among those given.
  package let isComplete: Bool

  /// Replays `policy` for a token in a model of `blockCount` blocks.
  ///
  /// `readouts` and `gates` are those of the record, in any order; the policy sees each readout only
  /// once the token has passed its depth, and only if the gate before it said enough.
  package init(
    of policy: any DepthPolicy, blockCount: Int, readouts: [Readout], gates: [GateReading] = []
  ) {
    let sorted = readouts.sorted { $0.depth < $1.depth }
    var marks: [DepthLine.Mark] = []
    var asked: [Int] = []
    var gated: [Int] = []
    var exit: Int?
    for index in 0..<blockCount {
      if exit == nil, index > 0, policy.needsReadout(after: index) {
        if let least = policy.leastGate(after: index) {
          gated.append(index)
          let isOpen = gates.contains { $0.depth == index && $0.value >= least }
          if isOpen { asked.append(index) }
        } else {
          asked.append(index)
        }
      }
      let seen = sorted.filter { asked.contains($0.depth) && $0.depth <= exit ?? index }
      let verdict = policy.verdict(before: BlockIndex(index), readouts: seen)
      if verdict == .exit, exit == nil { exit = index }
      switch verdict {
      case .prune: marks.append(.pruned)
      case .run where exit == nil: marks.append(.ran)
      case .run, .exit: marks.append(.notRun)
      }
    }
    if exit != nil, let last = marks.lastIndex(where: \.isExecuted) { marks[last] = .exited }
    line = DepthLine(marks)
    exitDepth = exit
    askedDepths = asked
    askedGates = gated
    isComplete =
      asked.allSatisfy { depth in sorted.contains { $0.depth == depth } }
      && gated.allSatisfy { depth in gates.contains { $0.depth == depth } }
  }
}
