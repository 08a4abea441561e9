import ArgumentParser
import Chat
import Dials
import Evaluation
import Events
import Inference
import Reports
import Screen
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

  @OptionGroup(title: "Model and machine") var modelOptions: ModelOptions
  @OptionGroup(title: "What attention sees") var reach: ReachOptions

  @Option(parsing: .unconditional, help: "Lengths of the texts in tokens.")
  var lengths = "512,1024,2048,4096"

  @Option(
    parsing: .unconditional, help: "Where the number stands: 0 at the beginning, 1 at the end.")
  var depths = "0,0.25,0.5,0.75,1"

  @Option(parsing: .unconditional, help: "Numbers asked for at each length and depth.")
  var trials = 2

  @Option(parsing: .unconditional, help: "The same seed hides the same numbers.")
  var seed: UInt64 = 42

  @Option(name: [.short, .long], help: "table, csv or json.")
  var output: ReportFormat = .table

  func validate() throws {
    guard trials >= 1 else { throw ValidationError("--trials must be 1 or more.") }
    _ = try (lengthList, depthList)
  }

  private var lengthList: [Int] {
    get throws {
      guard let list = NumberList.parse(lengths, in: 64...1_048_576) else {
        throw ValidationError("--lengths are numbers from 64 to 1048576: 512,1024.")
      }
      return list.sorted()
    }
  }

  private var depthList: [Double] {
    get throws {
      guard let list = NumberList.parse(depths, in: 0.0...1) else {
        throw ValidationError("--depths are numbers from 0 to 1: 0,0.5,1.")
      }
      return list
    }
  }

  func run() async throws {
    try await reportingErrors {
      let model = try modelOptions.load(isRaw: true)
      let window = try reach.setting() ?? ReachSetting.beyond(min(2048, model.card.ctxTrain))
      try model.check(DialSettings(reach: window))
      let settings = PasskeyTrial.settings(beside: window)
      let signals = StopSignals {}
      defer { signals.cancel() }
      let line = ProgressLine()
      defer { line.finish() }
      let trial = PasskeyTrial(
        model: model, settings: settings, lengths: try lengthList, depths: try depthList,
        trials: trials, seed: seed)
      let rows = try await trial.run { length, depth, setting in
        line.draw("\(length) tokens, depth \(depth), \(setting)")
      } isWanted: {
        signals.received == nil
      }
      line.finish()
      try PasskeyReport(modelFile: model.card.file, settings: settings, rows: rows).say(
        as: output)
      if let number = signals.received { throw ExitCode(128 + number) }
    }
  }
}
