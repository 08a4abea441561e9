import Reports

extension TuneExitsJob {
  /// What there is to learn from, in lines for people.
  package var planLines: [String] {
    [
      "\(textCount) texts, \(plan.targets.grouped) positions, of which \(plan.heldOut.grouped) are "
        + "held out"
        + (plan.kept < plan.targets ? "; \(plan.kept.grouped) fit in --cache-limit" : ""),
      "short head of \(plan.shortlistCount.grouped) tokens, which cover "
        + "\((100 * plan.coverage).rounded(to: 1)) % of what is learnt",
    ]
  }
}

extension TuneDraftJob {
  /// What there is to learn from, in lines for people.
  package var planLines: [String] {
    [
      "\(textCount) texts, \(plan.targets.grouped) positions, of which \(plan.heldOut.grouped) are "
        + "held out"
        + (plan.kept < plan.targets ? "; \(plan.kept.grouped) fit in --cache-limit" : ""),
      "\(plan.tokenCount.grouped) tokens can be guessed, which cover "
        + "\((100 * plan.coverage).rounded(to: 1)) % of what is learnt; "
        + "\(plan.fileBytes.megabytes) a guess",
    ]
  }
}

extension DraftScore {
  /// How the head does on held-out positions, as a table.
  package var lines: [String] {
    Table(
      header: ["GUESS", "RIGHT % WHERE THOSE BEFORE ARE", "OF POSITIONS"],
      rows: rates.enumerated().map { index, rate in
        ["\(index + 1)", (100 * rate).rounded(to: 1), trials[index].grouped]
      }
    ).lines + ["\(expected.rounded(to: 3)) of \(rates.count) guesses come true"]
  }
}

extension TuneLiteJob {
  /// What there is to learn from, in lines for people.
  package var planLines: [String] {
    let tokens = texts.reduce(0) { $0 + $1.tokens.count }
    let trained = texts.filter { !$0.isHeldOut }
    let plan =
      "\(texts.count) texts, \(tokens.grouped) tokens, \(texts.count - trained.count) texts held out"
    return [plan] + (settings.noise.map { [$0.line(on: trained)] } ?? [])
  }
}

extension TuneLiteJob.Outcome {
  /// How held-out texts fare at each of `exits` and at the last block, as a table; with noise, how often
  /// the next token is right at a noisy position.
  package func lines(exits: [String]) -> [String] {
    Table(
      header: ["EXIT", "CROSS-ENTROPY", "BEFORE"],
      rows: exits.enumerated().map { index, exit in
        [exit, after.losses[index].rounded(to: 3), before?.losses[index].rounded(to: 3) ?? ""]
      }
    ).lines + noiseLines
  }

  /// The loss without noise and the guesses at noisy positions, before and after.
  private var noiseLines: [String] {
    guard let right = after.noisyAccuracy else { return [] }
    var clean = "without noise, last block: \(after.clean.rounded(to: 4)) nats"
    var noisy = "at noisy positions the next token is right: \(right.percent(1))"
    if let before {
      clean += ", before \(before.clean.rounded(to: 4)) (\((after.clean - before.clean).asRise))"
      noisy += before.noisyAccuracy.map { ", before \($0.percent(1))" } ?? ""
    }
    return [clean, noisy]
  }
}

extension Double {
  /// How far a loss rose, with its sign: `+0.004`.
  package var asRise: String { (self < 0 ? "" : "+") + rounded(to: 3) }
}

extension TuneEstimate {
  /// What the training will take, in words.
  package var words: String {
    "about \(readingSeconds.asTime) to read the texts, \(trainingSeconds.asTime) to train, "
      + "\(memoryBytes.megabytes) of memory, \(diskBytes.megabytes) of disk"
  }
}

extension LiteEstimate {
  /// What the training will take, in words.
  package var words: String {
    "about \(seconds.asTime) to train, \(memoryBytes.megabytes) of memory, "
      + "\(diskBytes.megabytes) of disk"
  }
}
