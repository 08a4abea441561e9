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
    return [
      "\(texts.count) texts, \(tokens.grouped) tokens, \(texts.count { $0.isHeldOut }) texts held out"
    ]
  }
}

extension TuneLiteJob.Outcome {
  /// How held-out texts fare at each of `exits` and at the last block, as a table.
  package func lines(exits: [String]) -> [String] {
    Table(
      header: ["EXIT", "CROSS-ENTROPY", "BEFORE"],
      rows: exits.enumerated().map { index, exit in
        [exit, after[index].rounded(to: 3), before?[index].rounded(to: 3) ?? ""]
      }
    ).lines
  }
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
