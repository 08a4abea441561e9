import Dials
import Events
import Techniques
import Transformer

extension Decoder {
  /// Adds a row in flight that follows row `parent`; the root follows the text.
  func append(_ token: TokenID, after parent: Int?) {
    let position = parent.map { pass.position(ofRow: $0).advanced(by: 1) } ?? Position(text.count)
    pass.append(Row(token: token, position: position, parent: parent, looksUp: true))
    depths.append(0)
  }

  /// Takes the last row down as far as the policy wants, with the evidence it asks for.
  func descend(_ plan: Plan) -> Descent {
    var descent = Descent(depth: blockCount)
    let row = depths.count - 1
    for depth in 0..<blockCount {
      if depth > 0, plan.policy.needsReadout(after: depth),
        isOpen(row: row, at: depth, policy: plan.policy, evidence: &descent.evidence)
      {
        descent.evidence.readouts += look(at: depth, rows: [row], plan: plan)
      }
      let readouts = descent.evidence.readouts
      if plan.policy.verdict(before: BlockIndex(depth), readouts: readouts) == .exit {
        // Pruned blocks change nothing: what was read before them is what stands behind them.
        descent.depth = depth
        descent.hasLogits = readouts.last.map { pruned.covers($0.depth..<depth) } ?? false
        return descent
      }
    }
    return descent
  }

  /// Whether the gate of a row at `depth`, if the policy asks it, says that a look at the vocabulary is
  /// worth it.
  func isOpen(
    row: Int, at depth: Int, policy: any DepthPolicy, evidence: inout Evidence
  ) -> Bool {
    guard let least = policy.leastGate(after: depth) else { return true }
    advance(to: depth)
    guard let value = book(.probes, { pass.gate(row: row, at: depth) }) else { return true }
    evidence.gates.append(GateReading(depth: depth, value: value))
    return value >= least
  }

  /// Looks at the vocabulary of `rows` from `depth`, in one reading of the head.
  func look(at depth: Int, rows: [Int], plan: Plan) -> [Readout] {
    advance(to: depth)
    return book(.probes) {
      let logits = pass.logits(rows: rows, at: depth, short: plan.shortHead != nil)
      return rows.indices.map { logits.readout(row: $0, depth: depth) }
    }
  }

  /// The logits of the last row where its descent ended, before the last block.
  func exitLogits(_ descent: Descent, plan: Plan) -> Logits {
    if descent.hasLogits { return pass.lastLogits }
    advance(to: descent.depth)
    return book(.probes) {
      pass.logits(rows: [depths.count - 1], at: descent.depth, short: plan.shortHead != nil)
    }
  }

  /// Takes every row in flight to `depth` at least. Rows that stopped at the same depth go on
  /// together; ancestors are never behind.
  func advance(to depth: Int, as part: Account.Part = .blocks) {
    book(part) {
      while let lowest = depths.last, lowest < depth {
        let first = depths.firstIndex(of: lowest) ?? 0
        let next = first == 0 ? depth : min(depth, depths[first - 1])
        pass.run(rows: first..<depths.count, blocks: lowest..<next, route: Route(pruned: pruned))
        for row in first..<depths.count { depths[row] = next }
      }
    }
  }

  /// Draws the token that follows row `row`, which stands `chainRow` places behind the root; `drafts` are
  /// the tokens between.
  func choose(
    _ logits: Logits, row: Int, after chainRow: Int, drafts: [TokenID], plan: Plan
  ) -> Sampler.Choice {
    book(.sample) {
      if plan.sampler.isPlainGreedy {
        return Sampler.Choice(token: logits.argmax(row: row), uniform: nil)
      }
      var history = Array(text.suffix(plan.sampler.settings.repeatLastN))
      history.append(pass.token(ofRow: 0))
      history.append(contentsOf: drafts)
      return plan.sampler.choose(
        from: logits[row], at: Position(text.count + chainRow + 1), after: history)
    }
  }

  /// The decision for `choice` with its evidence. `best` are the row's highest logits, if they are
  /// known already.
  func decision(
    _ choice: Sampler.Choice, logits: Logits, row: Int, depth: Int, evidence: Evidence = Evidence(),
    plan: Plan, best: [Candidates.Entry]? = nil, isRead: Bool = true
  ) -> Decision {
    book(.sample) {
      let line = line(to: depth)
      let best = best ?? logits.best(plan.alternativeCount, row: row)
      var decision = Decision(
        choice, logits: logits, row: row, depth: depth, best: best.prefix(plan.alternativeCount),
        line: line,
        exit: exit(
          at: depth, line: line, evidence: evidence, isRead: isRead, setting: plan.exitSetting))
      if pass.remembers { decision.surprise = logits.loss(row: row, of: choice.token) }
      return decision
    }
  }

  /// The line of a row that stopped at `depth`.
  func line(to depth: Int) -> DepthLine {
    var line = DepthLine(
      (0..<blockCount).map {
        pruned.contains(BlockIndex($0)) ? .pruned : $0 < depth ? .ran : .notRun
      })
    if depth < blockCount, let last = line.marks.lastIndex(of: .ran) { line.marks[last] = .exited }
    return line
  }

  func exit(
    at depth: Int, line: DepthLine, evidence: Evidence, isRead: Bool, setting: ExitSetting
  ) -> TokenRecord.Exit {
    let readouts = evidence.readouts
    var exit = TokenRecord.Exit(
      layers: line.executedCount, reason: .full, probes: readouts.count, readouts: readouts,
      gates: evidence.gates.isEmpty ? nil : evidence.gates)
    guard depth < blockCount else {
      if isRead, readouts.last?.depth == blockCount { exit.probes -= 1 }
      return exit
    }
    exit.reason = .fixed
    guard case .confidence(let measure, let points) = setting else { return exit }
    exit.reason = .threshold
    exit.probes -= 1
    for readout in readouts {
      let confidence = measure.value(of: readout)
      let point = points.first { $0.depth == readout.depth && confidence > $0.threshold }
      guard let point else { continue }
      exit.conf = confidence
      exit.thr = point.threshold
      break
    }
    return exit
  }
}
