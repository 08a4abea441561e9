import Dials
import Events
import Reports
import Techniques

/// What happened to a word on its way up: a step for every place where it could have left, and the end.
struct WayUp {
  /// One place.
  struct Step {
    /// After how many blocks.
    var depth: Int
    /// What would have been said there; nil where nobody knows.
    var token: String?
    /// How probable that was.
    var sure: Double?
    /// What it would have taken, as text.
    var needed: String?
    /// What else was probable.
    var others: [(token: String, probability: Double)] = []
    /// What came of it.
    var verdict = ""
    var role = Role.detail
    /// Whether the word was decided here.
    var isLast = false
  }

  /// The steps, shallow to deep.
  private(set) var steps: [Step] = []
  /// Whether it could have left before the last block.
  let couldLeave: Bool

  init(of entry: TokenShelf.Entry, in state: ScreenState) {
    let record = entry.record
    couldLeave =
      record.exit.left != nil || !record.exit.readouts.isEmpty
      || !(record.exit.gates ?? []).isEmpty
    let last = record.exit.left == nil ? record.depth.marks.count : record.depth.reached
    let exit = entry.settings.policy.exit.technique as? ConfidenceExit
    for gate in record.exit.gates ?? []
    where !record.exit.readouts.contains(where: { $0.depth == gate.depth }) {
      let point = exit?.points.first { $0.depth == gate.depth }
      steps.append(Self.step(closed: gate, least: gate.least ?? point?.gate))
    }
    for look in record.exit.readouts where record.exit.left == nil || look.depth < last {
      steps.append(
        Self.step(look, of: exit, token: state.shelf.name(of: look.token)))
    }
    steps.sort { $0.depth < $1.depth }
    steps.append(Self.end(of: record, at: last))
  }

  private static func number(_ value: Float) -> String { Numbers.probability(Double(value)) }

  private static func step(closed gate: GateReading, least: Float?) -> Step {
    let needed = least.map { gate.value < $0 ? " < \(number($0))" : "" } ?? ""
    return Step(depth: gate.depth, verdict: "not asked: gate \(number(gate.value))\(needed)")
  }

  /// A look that was not enough; `exit` says by which measure, and what it takes where the look does not.
  private static func step(_ look: Readout, of exit: ConfidenceExit?, token: String?) -> Step {
    let measure = exit?.measure ?? .top1
    let sure = measure.value(of: look)
    let needed = look.needed ?? exit?.points.first { $0.depth == look.depth }?.threshold
    let name = measure == .top1 ? "" : measure.rawValue + " "
    return Step(
      depth: look.depth, token: token, sure: Double(sure),
      needed: needed.map { name + number($0) },
      verdict: needed.map { sure <= $0 } ?? false ? "→ not sure, on it goes" : "→ on it goes")
  }

  private static func end(of record: TokenRecord, at depth: Int) -> Step {
    var step = Step(
      depth: depth, token: record.token, sure: record.probability, isLast: true)
    if let reason = record.exit.left {
      step.sure = record.confidence
      step.verdict = "→ " + Self.verdict(reason, of: record)
      step.role = .exited
    }
    step.others = record.topLogprobs.filter { $0.id != record.id }.prefix(2).map {
      ($0.token, Numbers.exponential(Double($0.logprob)))
    }
    return step
  }

  /// Why it left, in words.
  private static func verdict(_ reason: ExitReason, of record: TokenRecord) -> String {
    var reason = reason
    reason.confidence = Float(record.confidence)
    return "it left here" + Catalogue.explanation(of: reason) { number($0) }
  }
}
