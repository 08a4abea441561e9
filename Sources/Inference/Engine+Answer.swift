import Dials
import Events
import Techniques
import Tokenization
import Transformer

extension Engine {
  /// Answers request `number`. Failure is a record too: the stream always ends with an `end`.
  func answer(_ request: TurnRequest, number: Int, send: (Record) -> Void) {
    var outbox = Outbox()
    write(request, number: number) { outbox.post($0, to: send) }
  }

  private func write(_ request: TurnRequest, number: Int, emit: (Record) -> Void) {
    answered = number
    lastDecided = nil
    if request.dials.draft.isTimed { _ = costs }
    var answer = Answer(
      request: request, number: number, engine: self, weights: decoder.pass.weights)
    do {
      try check(request)
    } catch {
      emit(.end(answer.end(.error, message: error.message)))
      return
    }
    let policy = Catalogue.depthPolicy(for: request.dials, blockCount: decoder.blockCount)
    guard let first = readPrompt(request, answer: &answer, emit: emit) else {
      emit(.end(answer.end(.interrupt)))
      return
    }
    answer.record(first, emit: emit)
    beginDrafting(request)
    while answer.reason == nil {
      if shouldStop(number) {
        answer.reason = .interrupt
        break
      }
      let round = decoder.round(root: answer.last, plan: answer.plan(policy, decoder: decoder))
      answer.record(round, emit: emit)
    }
    answer.settled = decoder.flush()
    if answer.reason != .error { lastDecided = answer.last }
    // A round may have decided tokens behind the one at which the circle was long enough.
    if answer.reason == .circle { decoder.text.end(with: answer.last, at: answer.readCount) }
    emit(.end(answer.end(answer.reason ?? .stop, message: answer.message)))
  }

  /// The text that the answer goes on from; empty where it begins.
  private func begun(of request: TurnRequest) -> String {
    let tokenizer = model.tokenizer
    let tokens = request.prompt.suffix(request.begunCount).filter { !tokenizer.isControl($0) }
    return String(decoding: tokens.flatMap(tokenizer.bytes(of:)), as: UTF8.self)
  }

  /// Shows the prompt to the drafters, those that the setting names.
  private func beginDrafting(_ request: TurnRequest) {
    let setting = request.dials.draft
    decoder.modelDrafters = Catalogue.modelDrafters(
      for: setting, keeping: decoder.modelDrafters)
    if setting.hasBranches { recallBuiltIn() }
    let clock = ContinuousClock()
    let begin = clock.now
    decoder.planner.begin(
      request.prompt,
      drafters: makeDrafters(setting, model.weights.blueprint.vocabularyCount),
      isNamed: !setting.isAuto, limit: setting.limit,
      cost: setting.isTimed
        ? PassCost(measured: decoder.costs, of: decoder.pass.weights)
        : PassCost(fixed: decoder.fixedCosts, of: decoder.pass.weights),
      isTimed: setting.isTimed,
      reach: request.dials.reach)
    decoder.note(draftingOverhead: (clock.now - begin).wholeNanoseconds)
  }

  private func check(_ request: TurnRequest) throws(EngineError) {
    try request.dials.check(
      blueprint: decoder.pass.weights.blueprint, exits: decoder.pass.exits,
      hasDraftHead: model.draftHead != nil,
      hasFeedForwards: decoder.pass.feedForwards != nil)
    try checkReach(of: request.dials)
    if let problem = Sampler.problem(with: request.sampler) {
      throw EngineError(.badSetting, problem)
    }
    guard request.alternativeCount >= 0 else {
      throw EngineError(.badSetting, "The number of alternatives must be 0 or more.")
    }
    guard !request.prompt.isEmpty else {
      throw EngineError(.badSetting, "The prompt is empty: there is nothing to go on from.")
    }
    let vocabulary = model.weights.blueprint.vocabularyCount
    guard request.prompt.allSatisfy({ (0..<vocabulary).contains($0.index) }) else {
      throw EngineError(
        .badSetting,
        "The prompt holds a token that the model does not know; its tokens are 0-\(vocabulary - 1)."
      )
    }
    guard request.prompt.count < contextLimit(request.dials.reach) else {
      throw EngineError(
        .promptTooLong,
        "The prompt has \(request.prompt.count) tokens, but the context holds \(contextLength). "
          + "Shorten it, start afresh with /clear, let attention see a window of it with --window or "
          + "/window, or give a larger context with -c.")
    }
    guard request.tokenLimit.map({ $0 > 0 }) ?? true else {
      throw EngineError(.badSetting, "The number of new tokens must be 1 or more.")
    }
  }

  /// Reads what of the prompt is not in the cache yet, at full depth, and decides the first token;
  /// nil when it was cancelled on the way.
  private func readPrompt(
    _ request: TurnRequest, answer: inout Answer, emit: (Record) -> Void
  ) -> Decoder.Round? {
    let cached = decoder.text.rewind(
      to: request.prompt, route: request.dials.route, reach: request.dials.reach,
      turns: request.turnStarts)
    emit(
      .turn(
        TurnRecord(
          turn: request.turn, role: .assistant, text: begun(of: request),
          nPrompt: request.prompt.count, nCached: cached, answer: request.answer,
          made: request.made, opensThought: request.opensThought ? true : nil, tNs: elapsed)))
    var left = request.prompt[cached...]
    while true {
      if shouldStop(answer.number) { return nil }
      let part = left.prefix(decoder.text.read(left))
      left = left.dropFirst(part.count)
      guard left.isEmpty else {
        decoder.text.commitAll()
        let count = request.prompt.count - cached
        request.hearsReading?(count - left.count, count)
        continue
      }
      let plan = answer.plan(EveryBlock(), decoder: decoder)
      let round = decoder.decideFirst(plan: plan)
      decoder.text.commitAll()
      answer.promptIsRead(cached: cached)
      return round
    }
  }
}
