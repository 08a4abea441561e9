import Dials
import TestSupport
import Testing

struct ReadoutTests {
  @Test func `every measure stays at or below 1 and grows with certainty`() {
    let unsure = Readout(
      depth: 1, token: TokenID(0), probability: 0.3, margin: 0.01, entropy: 3)
    let sure = Readout(depth: 1, token: TokenID(0), probability: 1, margin: 1, entropy: 0)
    for measure in ConfidenceMeasure.allCases {
      #expect(measure.value(of: sure) == 1)
      #expect(measure.value(of: unsure) < measure.value(of: sure))
      #expect(measure.thresholds.contains(measure.value(of: unsure)))
    }
  }
}
