import Dials
import Testing

/// The example of the documentation catalogue, which SourceTests compare with this text.
struct ExampleTests {
  struct Patience: DepthPolicy {
    var stops: BlockSet { BlockSet(indices: [4, 6, 8]) }
    func need(after depth: Int) -> Need { .readout(leastGate: nil) }
    func step(before block: BlockIndex, evidence: Evidence) -> DepthStep {
      let pairs = zip(evidence.readouts, evidence.readouts.dropFirst())
      let agree = pairs.contains { $0.token == $1.token }
      return agree ? .exit(ExitReason("patience")) : .take(.run)
    }
  }

  @Test(arguments: [([7], false), ([7, 8], false), ([7, 8, 8], true)])
  func `patience leaves when two readouts in a row name the same token`(
    tokens: [Int], leaves: Bool
  ) {
    let readouts = tokens.map {
      Readout(depth: 4, token: TokenID($0), probability: 1, margin: 1, entropy: 0)
    }
    let step = Patience().step(before: BlockIndex(8), evidence: Evidence(readouts: readouts))
    #expect(step == (leaves ? .exit(ExitReason("patience")) : .take(.run)))
  }
}
