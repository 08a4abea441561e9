import Reports

/// Weight bytes by what they were read for.
package struct WeightBytes: Hashable, Codable, Sendable {
  /// Blocks.
  package var blocks = 0
  /// The looks at the vocabulary that decided, modules included.
  package var head = 0
  /// Gates, and looks that decided nothing.
  package var probes = 0
  /// Blocks, or their keys and values, behind exits.
  package var fill = 0

  /// No bytes.
  package init() {}

  /// All of them.
  package var total: Int { blocks + head + probes + fill }
}

/// One answer under a setting, beside the one of full depth.
package struct InstructMeasurement: Hashable, Codable, Sendable {
  /// The set that the prompt is from.
  package var set: String
  /// The prompt's number there, from 0.
  package var prompt: Int
  /// The setting.
  package var setting: String
  /// Tokens of the prompt.
  package var promptN: Int
  /// Tokens of the answer.
  package var predictedN: Int
  /// Tokens of full depth's answer.
  package var denseN: Int
  /// Tokens decided after each depth; the first token is full depth's and is not counted, here and
  /// below.
  package var exits: [Int: Int]
  /// Weight bytes read.
  package var bytes: WeightBytes
  /// Weight bytes that as many tokens of full depth read, by its own answer to the prompt.
  package var denseBytes: Int
  /// Milliseconds for the answer, in each round.
  package var ms: [Double]
  /// Milliseconds for full depth's answer, in each round.
  package var denseMs: [Double]
  /// Tokens that full depth would have chosen in their place.
  package var agreeing: Int
  /// ROUGE-L's F of the answer against full depth's.
  package var rougeL: Double
  /// The sum of `−ln p` of the answer's tokens at full depth, in nats.
  package var loss: Double

  /// A measurement.
  package init(
    set: String, prompt: Int, setting: String, promptN: Int, predictedN: Int, denseN: Int,
    exits: [Int: Int], bytes: WeightBytes, denseBytes: Int, ms: [Double], denseMs: [Double],
    agreeing: Int, rougeL: Double, loss: Double
  ) {
    self.set = set
    self.prompt = prompt
    self.setting = setting
    self.promptN = promptN
    self.predictedN = predictedN
    self.denseN = denseN
    self.exits = exits
    self.bytes = bytes
    self.denseBytes = denseBytes
    self.ms = ms
    self.denseMs = denseMs
    self.agreeing = agreeing
    self.rougeL = rougeL
    self.loss = loss
  }

  /// Tokens after the first.
  package var decidedN: Int { max(0, predictedN - 1) }
  /// Blocks run for them, fill not counted.
  package var blocks: Int { exits.reduce(0) { $0 + $1.key * $1.value } }
}

/// What measurements of one setting add up to.
package struct InstructSummary: Hashable, Codable, Sendable {
  /// The set; `all` for all of them.
  package var set: String
  /// The setting.
  package var setting: String
  /// Answers.
  package var answers: Int
  /// Their tokens.
  package var predictedN: Int
  /// Blocks a token, fill not counted.
  package var meanBlocks: Double
  /// The share of tokens decided after each depth.
  package var exits: [Int: Double]
  /// Weight bytes a token relative to full depth.
  package var relativeBytes: Double
  /// The parts of that: blocks, heads, probes, fill.
  package var relativeParts: [Double]
  /// Full depth's time a token over this setting's.
  package var timeRatio: Double
  /// Its 95 % interval, from resampled prompts; the other intervals likewise.
  package var timeRatioInterval: [Double]
  /// The share of tokens that full depth would have chosen in their place.
  package var agreement: Double
  /// Its interval.
  package var agreementInterval: [Double]
  /// The mean of ROUGE-L's F against full depth's answers.
  package var rougeL: Double
  /// Its interval.
  package var rougeLInterval: [Double]
  /// `−ln p` a token at full depth, in nats.
  package var nll: Double

  /// The sums over `measurements`, all of one setting; nil when there are none.
  package init?(set: String, _ measurements: [InstructMeasurement], resamples: Int = 2000) {
    guard let first = measurements.first else { return nil }
    let bootstrap = Bootstrap(resamples: resamples)
    func sum(_ value: (InstructMeasurement) -> Double) -> Double {
      measurements.reduce(0) { $0 + value($1) }
    }
    func ratio(
      _ part: (InstructMeasurement) -> Double, over whole: (InstructMeasurement) -> Double
    ) -> (value: Double, interval: [Double]) {
      let interval = bootstrap.interval(measurements.map(part), over: measurements.map(whole))
      let value = sum(part) / max(sum(whole), .leastNormalMagnitude)
      return (value, interval.map { [$0.lowerBound, $0.upperBound] } ?? [value, value])
    }
    self.set = set
    setting = first.setting
    answers = measurements.count
    predictedN = measurements.reduce(0) { $0 + $1.predictedN }
    let decided = max(1, measurements.reduce(0) { $0 + $1.decidedN })
    meanBlocks = sum { Double($0.blocks) } / Double(decided)
    exits = measurements.reduce(into: [:]) { shares, measurement in
      for (depth, count) in measurement.exits {
        shares[depth, default: 0] += Double(count) / Double(decided)
      }
    }
    let dense = max(1, sum { Double($0.denseBytes) })
    relativeBytes = sum { Double($0.bytes.total) } / dense
    relativeParts = [\WeightBytes.blocks, \.head, \.probes, \.fill].map { part in
      sum { Double($0.bytes[keyPath: part]) } / dense
    }
    // Answers may differ in length: a prompt's times are compared a token, and weigh as its answer. The
    // fastest round is the one that other programs disturbed least.
    (timeRatio, timeRatioInterval) = ratio(
      {
        ($0.denseMs.min() ?? 0) / Double(max(1, $0.denseN - 1)) * Double($0.decidedN)
      }, over: { $0.ms.min() ?? 0 })
    (agreement, agreementInterval) = ratio({ Double($0.agreeing) }, over: { Double($0.decidedN) })
    (rougeL, rougeLInterval) = ratio({ $0.rougeL }, over: { _ in 1 })
    nll = sum(\.loss) / Double(max(1, predictedN))
  }
}
