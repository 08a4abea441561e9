import ArgumentParser
import Chat
import Foundation
import Inference
import Kernels
import Models
import Reports

/// Which model, and how much of the machine it may use. Names as in llama.cpp.
struct ModelOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help:
      "The model: a GGUF file, or a name that 'fathom list' shows (default: the default model).",
    completion: Completions.models)
  var model: String?

  @OptionGroup var hub: HubOptions

  @Option(
    help: ArgumentHelp(
      "What was trained for the model, as fathom tune writes it: exits, or changes of the model (LoRA); "
        + "none leaves out what came with Fathom.", valueName: "file"),
    completion: .file(extensions: ["gguf"]))
  var adapter: String?

  @Option(
    help: ArgumentHelp(
      "A head that guesses the next tokens, as fathom tune draft writes it; none leaves out the one that "
        + "came with Fathom.", valueName: "file"), completion: .file(extensions: ["gguf"]))
  var draftHead: String?

  @Option(
    help: ArgumentHelp(
      "Small feed-forwards and routers, as fathom tune duo writes them; none leaves out those that came "
        + "with Fathom.", valueName: "file"), completion: .file(extensions: ["gguf"]))
  var duo: String?

  @Option(
    name: [.short, .long], parsing: .unconditional,
    help: "Threads (default: all processors, at most 16); no more run than there are processors.")
  var threads: Int?

  @Option(
    name: [.short, .customLong("ctx-size")], parsing: .unconditional,
    help:
      "Positions the conversation may use (default: what the model was trained for, at most 8192).")
  var contextSize: Int?

  @OptionGroup var log: LogOptions

  func validate() throws {
    try hub.check(beside: model)
    if let threads, !(1...256).contains(threads) {
      throw ValidationError("--threads must be between 1 and 256.")
    }
    if let contextSize, !(16...1_048_576).contains(contextSize) {
      throw ValidationError("--ctx-size must be between 16 and 1048576.")
    }
  }

  /// Opens the model and says on the error output what a person should know about it and its threads;
  /// `isRaw`: no template is used.
  func load(isRaw: Bool) throws -> LoadedModel {
    let model = try open()
    for notice in model.notices(isRaw: isRaw) { printError("fathom: \(notice)".visible) }
    return model
  }

  /// Opens the model, for those who say in a place of their own what should be known about it.
  func open() throws -> LoadedModel {
    let path = try ModelFolder().resolve(model)
    let threads = Host.threads(asked: threads)
    return try LoadedModel(
      path: path, threads: threads.count, kernels: try Self.kernels(), contextLength: contextSize
    ).adapted(as: self).noting(threads.notice)
  }

  /// The same options for another model: what was trained for the first one is not for that.
  func with(model name: String) -> ModelOptions {
    var options = self
    (options.model, options.adapter, options.draftHead, options.duo) = (name, nil, nil, nil)
    return options
  }

  /// The model as it was named.
  var reference: ModelReference {
    ModelReference(
      model: model, adapter: adapter, draftHead: draftHead, duo: duo,
      contextLength: contextSize)
  }

  /// The kernels that FATHOM_SIMD names, or the fastest.
  static func kernels() throws -> KernelSet {
    guard let name = ProcessInfo.processInfo.environment["FATHOM_SIMD"], !name.isEmpty else {
      return .best
    }
    guard let set = KernelSet(named: name) else {
      let names = KernelSet.names.filter { KernelSet(named: $0) != nil }
      throw ValidationError(
        "FATHOM_SIMD is \"\(name)\"; this machine can run \(names.joined(separator: ", ")).")
    }
    return set
  }
}
