import Dials

/// What the numbers of a record can be: a file may say anything, and what reads records counts with them.
extension Record {
  /// Throws where a number is none that a session can have.
  func checkNumbers(_ check: NumberCheck) throws(ImpossibleValue) {
    switch self {
    case .session(let record): try record.checkNumbers(check)
    case .turn(let record): try record.checkNumbers(check)
    case .token(let record): try record.checkNumbers(check)
    case .draft(let record): try record.checkNumbers(check)
    case .probe(let record): try record.checkNumbers(check)
    case .parameter(let record): try record.checkNumbers(check)
    case .end(let record): try record.checkNumbers(check)
    case .check(let record): try record.checkNumbers(check)
    case .comparison(let record): try record.checkNumbers(check)
    case .measure(let record):
      try check(NumberCheck.count, ["tokens": record.tokens])
      try check(NumberCheck.time, ["t_ns": record.tNs])
    case .mark(let record):
      try check(NumberCheck.count, ["turn": record.turn])
      try check(NumberCheck.time, ["t_ns": record.tNs])
    case .unknown: break
    }
  }
}

extension SessionRecord {
  fileprivate func checkNumbers(_ check: NumberCheck) throws(ImpossibleValue) {
    try check(NumberCheck.depth, ["model.n_layer": model.nLayer])
    try check(
      NumberCheck.count,
      [
        "host.threads": host.threads, "model.n_embd": model.nEmbd, "model.n_head": model.nHead,
        "model.n_head_kv": model.nHeadKv, "model.n_vocab": model.nVocab,
        "model.ctx_train": model.ctxTrain, "model.size_bytes": model.sizeBytes,
        "model.n_params": model.nParams, "macs.block": macs.block, "macs.head": macs.head,
        "macs.attn_per_pos": macs.attnPerPos, "ctx_size": ctxSize,
      ])
    try adapter?.checkNumbers(check)
    try sampler.checkNumbers(check)
  }
}

extension SessionRecord.Adapter {
  fileprivate func checkNumbers(_ check: NumberCheck) throws(ImpossibleValue) {
    try check(NumberCheck.depth, each: "adapter.exits", exits)
  }
}

extension SessionRecord.Sampler {
  fileprivate func checkNumbers(_ check: NumberCheck) throws(ImpossibleValue) {
    try check(
      NumberCheck.count, ["sampler.top_k": topK, "sampler.repeat_last_n": repeatLastN])
  }
}

extension TurnRecord {
  fileprivate func checkNumbers(_ check: NumberCheck) throws(ImpossibleValue) {
    try check(
      NumberCheck.count,
      ["turn": turn, "n_prompt": nPrompt, "n_cached": nCached, "answer": answer])
    try check(NumberCheck.time, ["t_ns": tNs])
    try made?.sampler.checkNumbers(check)
    try made?.adapter?.checkNumbers(check)
  }
}

extension ParameterRecord {
  fileprivate func checkNumbers(_ check: NumberCheck) throws(ImpossibleValue) {
    try check(NumberCheck.time, ["t_ns": tNs])
    try adapter?.checkNumbers(check)
    try session?.checkNumbers(check)
  }
}

extension TokenRecord {
  fileprivate func checkNumbers(_ check: NumberCheck) throws(ImpossibleValue) {
    try check(
      NumberCheck.count,
      ["turn": turn, "answer": answer, "i": i, "pos": pos.rawValue, "rank": rank])
    try check(NumberCheck.time, ["t_ns": tNs])
    try checkDecision(check)
    try check(
      NumberCheck.count,
      [
        "kv.used": kv.used, "kv.bytes": kv.bytes, "kv.filled": kv.filled, "attn.seen": attn?.seen,
        "attn.forgotten": attn?.forgotten, "time.total": time.total, "time.blocks": time.blocks,
        "time.head": time.head, "time.probes": time.probes, "time.sample": time.sample,
        "time.fill": time.fill, "time.plain": time.plain, "time.beside": time.beside,
        "cost.macs": cost.macs, "cost.macs_full": cost.macsFull,
        "cost.bytes_read": cost.bytesRead, "cost.bytes.blocks": cost.bytes?.blocks,
        "cost.bytes.head": cost.bytes?.head, "cost.bytes.probes": cost.bytes?.probes,
        "cost.bytes.fill": cost.bytes?.fill, "cost.bytes.full": cost.bytes?.full,
      ])
  }

  /// How the token came about.
  private func checkDecision(_ check: NumberCheck) throws(ImpossibleValue) {
    try check(
      NumberCheck.depth, ["exit.layers": exit.layers, "spec.draft_layers": spec?.draftLayers])
    try check(NumberCheck.depth, each: "exit.readouts.depth", exit.readouts.map(\.depth))
    try check(NumberCheck.depth, each: "exit.gates.depth", (exit.gates ?? []).map(\.depth))
    try check(
      NumberCheck.count, each: "exit.readouts.shortlist", exit.readouts.compactMap(\.shortlist))
    try check(
      NumberCheck.count,
      [
        "exit.probes": exit.probes, "spec.round": spec?.round, "spec.k": spec?.k,
        "spec.idx": spec?.idx,
      ])
  }
}

extension DraftRecord {
  fileprivate func checkNumbers(_ check: NumberCheck) throws(ImpossibleValue) {
    try check(
      NumberCheck.count,
      [
        "turn": turn, "answer": answer, "round": round, "k_drafted": kDrafted,
        "k_accepted": kAccepted, "t_draft_us": tDraftUs, "t_verify_us": tVerifyUs, "rest": rest,
      ])
    try check(NumberCheck.depth, ["draft_layers": draftLayers])
    // A tree is walked: it has no more nodes than a walk can take, and each follows an earlier one.
    try check(NumberCheck.few, ["nodes.count": nodes?.count])
    for (index, node) in (nodes ?? []).enumerated() {
      try check(0...max(0, index - 1), ["nodes.parent": node.parent])
    }
  }
}

extension ProbeRecord {
  fileprivate func checkNumbers(_ check: NumberCheck) throws(ImpossibleValue) {
    try check(NumberCheck.count, ["turn": turn, "answer": answer, "i": i, "pos": pos.rawValue])
    try check(NumberCheck.depth, ["settled": settled])
    try check(NumberCheck.depth, each: "layers.l", layers.map(\.l))
  }
}

extension EndRecord {
  fileprivate func checkNumbers(_ check: NumberCheck) throws(ImpossibleValue) {
    try check(
      NumberCheck.count,
      [
        "turn": turn, "answer": answer, "timings.cache_n": timings.cacheN,
        "timings.prompt_n": timings.promptN, "timings.predicted_n": timings.predictedN,
        "timings.draft_n": timings.draftN, "timings.draft_n_accepted": timings.draftNAccepted,
        "fill.macs": fill?.macs, "fill.bytes_read": fill?.bytesRead,
      ])
    try check(NumberCheck.time, ["t_ns": tNs])
  }
}

extension CheckRecord {
  fileprivate func checkNumbers(_ check: NumberCheck) throws(ImpossibleValue) {
    try check(NumberCheck.count, ["turn": turn, "answer": answer, "t_us": tUs])
    try check(NumberCheck.count, each: "others.i", others.map(\.i))
  }
}

extension ComparisonRecord {
  fileprivate func checkNumbers(_ check: NumberCheck) throws(ImpossibleValue) {
    try check(
      NumberCheck.count,
      [
        "turn": turn, "answer": answer, "with": with, "words_shared": wordsShared, "words": words,
      ])
    try check(NumberCheck.time, ["t_ns": tNs])
  }
}
