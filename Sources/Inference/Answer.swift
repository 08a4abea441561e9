import Dials
import Events
import Techniques
import Tokenization
import Transformer

/// An answer in the making: counts, times, and the records of its rounds.
struct Answer {
  let request: TurnRequest
  /// The request's number.
  let number: Int
  let engine: Engine
  /// The weights in use, with what an adapter changes of them: full depth's costs are theirs.
  let weights: Weights
  /// Why it is over, once it is.
  var reason: EndRecord.Reason?
  /// The work of giving the rows that waited to the end their keys and values.
  var settled = Work()
  /// What went wrong and what to do, if something did.
  private(set) var message: String?
  /// The last token decided.
  private(set) var last = TokenID(0)

  private var circle: CircleLimit
  private let ends: Set<TokenID>
  private let begin = ContinuousClock().now
  private var generationBegin: ContinuousClock.Instant?
  private var timings = EndRecord.Timings(
    cacheN: 0, promptN: 0, promptMs: 0, predictedN: 0, predictedMs: 0, draftN: 0,
    draftNAccepted: 0)
  private(set) var roundIndex = 0
  /// When a plain pass is due.
  private(set) var yardstick: Yardstick
  /// Microseconds of plain passes made beside the text.
  private var besideMicroseconds = 0

  init(request: TurnRequest, number: Int, engine: Engine, weights: Weights) {
    self.request = request
    self.number = number
    self.engine = engine
    self.weights = weights
    ends = engine.model.tokenizer.endOfTurn
    yardstick = Yardstick(for: request)
    circle = CircleLimit(
      times: request.circleLimit, after: request.prompt.suffix(request.begunCount))
  }

  /// Tokens that may still be decided.
  private var room: Int {
    let context =
      engine.contextLimit(request.dials.reach) - request.prompt.count - timings.predictedN
    return min(context, (request.tokenLimit ?? .max) - timings.predictedN)
  }

  /// Draft tokens that may stand one behind another: their pass still sees all of them.
  private func depthLimit(_ decoder: Decoder) -> Int {
    let reach = request.dials.reach
    return max(
      0, min(room, reach.isLimited ? reach.window : .max, decoder.pass.flightLimit) - 1)
  }

  /// The model's own drafts that a round may have.
  private var selfDraftLimit: Int {
    min(request.dials.draftLength, request.dials.draft.limit ?? .max)
  }

  /// How the next round decides.
  func plan(_ policy: any DepthPolicy, decoder: Decoder) -> Decoder.Plan {
    let depthLimit = depthLimit(decoder)
    let dials = request.dials
    let draftLimit = max(0, min(selfDraftLimit, depthLimit, decoder.pass.logitCapacity - 1))
    return Decoder.Plan(
      policy: policy, isVerified: dials.mode == .identical || !dials.leavesEarly,
      draftsByModel: dials.draftsByModel && draftLimit > 0, drafts: dials.draft,
      draftLimit: draftLimit, depthLimit: depthLimit, sampler: Sampler(request.sampler),
      alternativeCount: request.alternativeCount, ends: ends, shortHead: dials.shortHead,
      draftRule: dials.draftRule, fill: dials.fill,
      yardstick: yardstick.duty(hasDeferred: decoder.text.deferredCount > 0), index: roundIndex)
  }

  /// Notes that the prompt is read and generation begins.
  mutating func promptIsRead(cached: Int) {
    let now = ContinuousClock().now
    timings.cacheN = cached
    timings.promptN = request.prompt.count - cached
    timings.promptMs = (now - begin).milliseconds
    generationBegin = now
  }

  /// Emits the records of a round and notices when the answer is over.
  mutating func record(_ decided: Decoder.Round, emit: (Record) -> Void) {
    var round = decided
    if let place = round.decisions.firstIndex(where: { circle.isReached(by: $0.token) }) {
      reason = .circle
      round.keep(first: place + 1)
    }
    for (index, decision) in round.decisions.enumerated() {
      guard decision.isNumber else {
        reason = .error
        message =
          "The model's output is not a number: the file is damaged, or its numbers are too large "
          + "for this engine. Check the file, or use another."
        return
      }
      emit(.token(token(decision, sharer: index, round: round)))
      timings.predictedN += 1
      last = decision.token
      if ends.contains(decision.token) { reason = .stop }
    }
    if let rejected = round.rejected {
      emit(.token(token(rejected, sharer: nil, round: round)))
    }
    if round.tree.count > 0 {
      timings.draftN += round.tree.count
      timings.draftNAccepted += round.accepted.count
      emit(.draft(draft(round)))
    }
    roundIndex += 1
    besideMicroseconds += round.besideMicroseconds ?? 0
    yardstick.note(isPlain: round.plainMicroseconds != nil)
    if reason == nil, timings.predictedN >= request.tokenLimit ?? .max { reason = .length }
    if reason == nil,
      request.prompt.count + timings.predictedN >= engine.contextLimit(request.dials.reach)
    {
      reason = .context
    }
  }

  /// Tokens of the whole text that are read once the answer is over: all but the last, which nothing
  /// was decided behind.
  var readCount: Int { request.prompt.count + timings.predictedN - 1 }

  /// The last record. An answer that the model did not end itself says whether it runs in a circle.
  func end(_ reason: EndRecord.Reason, message: String? = nil) -> EndRecord {
    var timings = timings
    if let generationBegin {
      timings.predictedMs =
        (ContinuousClock().now - generationBegin).milliseconds - Double(besideMicroseconds) / 1000
    }
    return EndRecord(
      turn: request.turn, answer: request.answer, reason: reason,
      message: message ?? (reason == .error ? nil : circle.watch.noticed?.description),
      timings: timings,
      fill: settled.macs > 0
        ? EndRecord.Fill(macs: settled.macs, bytesRead: settled.bytes) : nil,
      repro: request.repro, tNs: engine.elapsed)
  }
}
