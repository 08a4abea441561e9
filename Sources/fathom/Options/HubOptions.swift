import ArgumentParser
import Models

/// A model of the hub, which is fetched where it is not here yet. The names are those of llama.cpp.
struct HubOptions: ParsableArguments {
  @Option(
    name: [
      .customLong("hf", withSingleDash: true), .customLong("hf"), .customLong("hf-repo"),
    ],
    help: ArgumentHelp(
      "A model of the Hugging Face hub, which is fetched where it is not here yet.",
      valueName: "owner/repo[:quant]"))
  var hub: String?

  /// The arguments with `-hf` as `--hf`: next to anything wrong the parser finds `-h` in it, and shows help
  /// where an error belongs.
  static func plain(_ arguments: some Sequence<String>) -> [String] {
    arguments.map { $0 == "-hf" ? "--hf" : $0 }
  }

  /// Throws where a model is named twice.
  func check(beside model: String?) throws {
    if model != nil, hub != nil {
      throw ValidationError("Name the model once: with -m, or with -hf.")
    }
  }

  /// The name of the model for `-m`, once it is here; nil where none was named. What is here is taken as it is:
  /// only 'fathom pull' asks the hub for something newer.
  func fetched() async throws -> String? {
    guard let hub else { return nil }
    let reference = try HubReference(hub)
    if ModelFolder().hub?.path(of: reference) == nil {
      try await cancelledBySignals { _ = try await PullDisplay().pull(reference) }
    }
    return reference.description
  }
}

/// A command that runs a model.
protocol RunsModel: KeepsLog {
  var modelOptions: ModelOptions { get set }
}

extension RunsModel {
  /// The command with the model here that it was given by `-hf`.
  func withModelFetched() async throws -> Self {
    try await reportingErrors {
      var command = self
      if let name = try await modelOptions.hub.fetched() {
        (command.modelOptions.model, command.modelOptions.hub.hub) = (name, nil)
        try command.validate()
      }
      return command
    }
  }
}

extension ChatCommand: RunsModel {}
extension RunCommand: RunsModel {}
extension BenchCommand: RunsModel {}
extension EvalCommand: RunsModel {}
extension PruneCommand: RunsModel {}
extension PruneTableCommand: RunsModel {}
extension ExportCommand: RunsModel {}
extension CalibrateCommand: RunsModel {}
extension OracleCommand: RunsModel {}
extension PasskeyCommand: RunsModel {}
extension TuneAnswersCommand: RunsModel {}
extension TuneDraftCommand: RunsModel {}
extension TuneDuoCommand: RunsModel {}
extension TuneExitsCommand: RunsModel {}
extension TuneMemoryCommand: RunsModel {}
extension TuneLiteCommand: RunsModel {
  var modelOptions: ModelOptions {
    get { options.modelOptions }
    set { options.modelOptions = newValue }
  }
}
extension TuneMSNCommand: RunsModel {
  var modelOptions: ModelOptions {
    get { options.modelOptions }
    set { options.modelOptions = newValue }
  }
}
