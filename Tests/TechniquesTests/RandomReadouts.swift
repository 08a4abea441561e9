import Dials
import Techniques
import TestSupport

extension Readout {
  /// A readout after `depth` blocks as a softmax could give it.
  static func random(depth: Int, using generator: inout SeededGenerator) -> Readout {
    let probability = Float.random(in: 0...1, using: &generator)
    return Readout(
      depth: depth, token: TokenID(Int.random(in: 0..<100, using: &generator)),
      probability: probability, margin: .random(in: 0...probability, using: &generator),
      entropy: .random(in: 0...10, using: &generator))
  }

  /// A readout after `depth` blocks whose best token has this probability and leads by as much.
  static func sure(_ probability: Float, depth: Int) -> Readout {
    Readout(
      depth: depth, token: TokenID(1), probability: probability, margin: probability,
      entropy: 1 - probability)
  }
}

extension GateReading {
  /// What a gate after `depth` blocks could say.
  static func random(depth: Int, using generator: inout SeededGenerator) -> GateReading {
    GateReading(depth: depth, value: .random(in: 0...1, using: &generator))
  }
}

extension DialSettings {
  /// Settings that a model of `blockCount` blocks (2 or more) can run.
  static func random(blockCount: Int, using generator: inout SeededGenerator) -> DialSettings {
    while true {
      let pruned = BlockSet(
        indices: (0..<blockCount).filter { _ in Int.random(in: 0..<4, using: &generator) == 0 })
      let depths = (1..<blockCount).filter { _ in Int.random(in: 0..<3, using: &generator) == 0 }
      let exit: ExitSetting =
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: .off
        case 1: .fixed(depth: .random(in: 1..<blockCount, using: &generator))
        default:
          .confidence(
            measure: ConfidenceMeasure.allCases.randomElement(using: &generator) ?? .top1,
            points: depths.map {
              ExitPoint(
                depth: $0, threshold: .random(in: 0...1, using: &generator),
                gate: Bool.random(using: &generator)
                  ? .random(in: 0...1, using: &generator) : nil)
            })
        }
      let settings = DialSettings(pruned: pruned, exit: exit)
      if (try? settings.validate(blockCount: blockCount)) != nil { return settings }
    }
  }
}
