import ArgumentParser
import Dials
import Events
import Foundation
import Inference
import Techniques
import Tokenization

/// `fathom passkey`: what a window forgets, shown on a number hidden in a long text.
struct PasskeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "passkey",
    abstract: "Ask for a number hidden in a long text: what a window finds and what it forgets.",
    discussion: """
      For each length of text and each depth at which the number stands, the model is asked for it: \
      with full attention, with a window, and with a window whose heads look up single positions \
      before it (--lookups). Full attention is left out where the text is longer than the model was \
      trained for.
      """)

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var reach: ReachOptions

  @Option(help: "Lengths of the texts in tokens.")
  var lengths = "512,1024,2048,4096"

  @Option(help: "Where the number stands: 0 at the beginning, 1 at the end.")
  var depths = "0,0.25,0.5,0.75,1"

  @Option(help: "Numbers asked for at each length and depth.")
  var trials = 2

  @Option(help: "The same seed hides the same numbers.")
  var seed: UInt64 = 42

  @Option(name: [.short, .long], help: "table, csv or json.")
  var output: ReportFormat = .table

  func validate() throws {
    guard trials >= 1 else { throw ValidationError("--trials must be 1 or more.") }
    _ = try (lengthList, depthList)
  }

  private var lengthList: [Int] {
    get throws {
      guard let list = Self.list(lengths, of: 64...1_048_576) else {
        throw ValidationError("--lengths are numbers from 64 to 1048576: 512,1024.")
      }
      return list.sorted()
    }
  }

  private var depthList: [Double] {
    get throws {
      guard let list = Self.list(depths, of: 0.0...1) else {
        throw ValidationError("--depths are numbers from 0 to 1: 0,0.5,1.")
      }
      return list
    }
  }

  /// Numbers with commas between them; nil where one is none or out of range, or there is none.
  private static func list<Number: LosslessStringConvertible>(
    _ text: String, of range: ClosedRange<Number>
  ) -> [Number]? {
    let words = text.split(separator: ",")
    let numbers = words.compactMap { Number(String($0)) }.filter(range.contains)
    return words.isEmpty || numbers.count < words.count ? nil : numbers
  }

  func run() async throws {
    try await reportingErrors {
      let model = try modelOptions.load()
      let window = try reach.setting() ?? ReachSetting.beyond(min(2048, model.card.ctxTrain))
      try model.check(DialSettings(reach: window))
      var settings: [ReachSetting] = [.full]
      if window.isLimited {
        var alone = window
        alone.lookups = 0
        settings.append(alone)
        if window.technique == .lambda {
          alone.lookups = window.lookups > 0 ? window.lookups : 5
          settings.append(alone)
        }
      }
      let signals = StopSignals {}
      defer { signals.cancel() }
      let rows = try await measure(settings, model: model) { signals.received == nil }
      try PasskeyReport(model: model, settings: settings, rows: rows).print(as: output)
      if let number = signals.received { throw ExitCode(128 + number) }
    }
  }

  /// One length, depth and setting after the other, in an engine for each setting.
  private func measure(
    _ settings: [ReachSetting], model: LoadedModel, goesOn: () -> Bool
  ) async throws -> [PasskeyReport.Row] {
    let (lengths, depths) = (try lengthList, try depthList)
    let trained = model.card.ctxTrain
    let room = (lengths.last ?? 0) + Self.answerLength + 1
    let engines = settings.map { _ in Engine(model: model, contextLength: room) }
    let line = ProgressLine()
    defer { line.finish() }
    var rows: [PasskeyReport.Row] = []
    for length in lengths {
      for depth in depths {
        for (setting, engine) in zip(settings, engines) where goesOn() {
          if !setting.isLimited, length > trained { continue }
          line.draw("\(length) tokens, depth \(depth), \(setting)")
          var row = PasskeyReport.Row(
            length: length, depth: depth, distance: 0, reach: "\(setting)",
            isInSight: true, found: 0, asked: 0)
          for trial in 0..<trials where goesOn() {
            let text = try PasskeyText(
              length: length, depth: depth, seed: SplitMix64.mix(seed &+ UInt64(trial)),
              tokenizer: model.tokenizer)
            row.distance = text.distance
            row.isInSight = setting.local(at: text.tokens.count - 1)
              .contains(text.tokens.count - text.distance - 1)
            row.asked += 1
            if await answer(to: text, setting, engine).contains(text.key) { row.found += 1 }
          }
          rows.append(row)
        }
      }
    }
    return rows
  }

  /// New tokens that an answer may have: room for a few words and five digits.
  private static let answerLength = 16

  private func answer(
    to text: PasskeyText, _ reach: ReachSetting, _ engine: Engine
  ) async -> String {
    let request = TurnRequest(
      turn: 1, prompt: text.tokens, dials: DialSettings(draft: .off, reach: reach),
      tokenLimit: Self.answerLength, alternativeCount: 0)
    var decoder = StreamingDecoder()
    var answer = ""
    for await case .token(let token) in engine.records(for: request)
    where token.phase == .gen && !token.special {
      answer += decoder.append(token.bytes)
    }
    return answer + decoder.flush()
  }
}
