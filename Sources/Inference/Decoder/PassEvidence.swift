import Dials
import Techniques
import Transformer

/// What a policy is shown of rows in flight: the decoder takes them where they are looked at, and books
/// what that takes.
struct PassEvidence: EvidenceSource {
  /// A reading of the vocabulary whose logits are still there.
  struct Reading {
    /// The rows read, in order.
    var rows: [Int] = []
    /// From which depth.
    var depth = 0
    /// What it took.
    var entry = Account.Entry()
  }

  let decoder: Decoder
  let plan: Decoder.Plan
  /// The row in flight that is row 0 here.
  let root: Int
  /// The last reading.
  var last = Reading()

  init(_ decoder: Decoder, plan: Decoder.Plan, root: Int) {
    self.decoder = decoder
    self.plan = plan
    self.root = root
  }

  func gate(of row: Int, at depth: Int) -> Float? {
    decoder.advance(to: depth)
    return decoder.book(.probes) { decoder.pass.gate(row: root + row, at: depth) }
  }

  mutating func readouts(of rows: [Int], at depth: Int) -> [Readout?] {
    decoder.advance(to: depth)
    let before = decoder.account[.probes]
    let readouts = decoder.book(.probes) {
      let logits = decoder.pass.logits(
        rows: rows.map { root + $0 }, at: depth, short: plan.shortHead != nil)
      return rows.indices.map { logits.readout(row: $0, depth: depth) }
    }
    last = Reading(rows: rows, depth: depth, entry: decoder.account[.probes] - before)
    return readouts
  }
}

extension Decoder {
  /// Takes every row in flight to `depth` at least, and books that as blocks.
  func advance(to depth: Int, along way: CachedText.Way? = nil) {
    book(.blocks) { text.advance(to: depth, along: way) }
  }
}
