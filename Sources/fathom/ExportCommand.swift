import ArgumentParser
import Dials
import Foundation
import GGUF
import Inference
import Kernels
import Models
import Pruning
import Tokenization
import Transformer

/// `fathom export`: the model without some blocks, as a file that other programs load.
struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the model without some of its blocks as a file of its own.",
    discussion: """
      The blocks are renumbered, and the file is read again: its logits must be those of the running \
      pruned model, bit for bit. If they are not, the exit code is 3 and the file is removed. \
      --format safetensors writes a folder in the layout of Hugging Face, with a tokenizer.
      """)

  /// The form of what is written.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case gguf
    case safetensors
  }

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var pruning: PruningOptions

  @Option(help: "gguf or safetensors.")
  var format: Format = .gguf

  @Option(
    help: "The numbers of safetensors: float16 or float32.",
    transform: { try Spelled.value($0, of: "--dtype") })
  var dtype: SafetensorsFile.NumberType = .float16

  @Option(name: .shortAndLong, help: "The file, or for safetensors the folder, that is written.")
  var output: String

  func run() async throws {
    try await reportingErrors {
      let model = try modelOptions.load()
      var pruning = pruning
      let method = try pruning.method(for: model)
      try pruning.resolve(for: model)
      let removed = try BlockSet.parse(pruning.blocks, blockCount: model.blockCount)
      let file = try GGUFFile(path: model.path)
      var pruned = try PrunedFile(file, without: removed)
      pruned.method = method
      pruned.baseSHA256 = FileDigest.hexadecimal(ofFile: model.path)
      switch format {
      case .gguf: try writeGGUF(pruned, model: model)
      case .safetensors: try writeFolder(pruned)
      }
    }
  }

  private func writeGGUF(_ pruned: PrunedFile, model: LoadedModel) throws {
    guard output != model.path else {
      throw ValidationError("-o names the model itself; give another file.")
    }
    try pruned.writer().write(to: output)
    let written = try Weights(file: GGUFFile(path: output), crew: model.crew)
    let check = ExportCheck(
      written, against: model.weights, without: pruned.removed, kernels: model.kernels,
      crew: model.crew)
    let prompt = model.tokenizer.encode(
      chat: [ChatMessage(.user, "Tell me something about the sea.")], template: model.template,
      addGenerationPrompt: true)
    if let difference = check.firstDifference(after: prompt, writing: 32) {
      try? FileManager.default.removeItem(atPath: output)
      printError(
        "fathom: the file differs from the running model at position \(difference.position): the "
          + "logit of token \(difference.token) is \(difference.written) and not "
          + "\(difference.running). It was removed; this is a defect of Fathom, please report it.")
      throw ExitCode.checkFailed
    }
    printError(
      "\(pruned.kept.count) of \(model.blockCount) blocks; read again, and every logit is that of the "
        + "running model")
    print(output.visible)
    printError("fathom chat -m \(output.visible)")
    printError("llama-cli -m \(output.visible)")
  }

  private func writeFolder(_ pruned: PrunedFile) throws {
    for notice in try HuggingFaceFolder(pruned, type: dtype).write(to: output) {
      printError("fathom: \(notice)")
    }
    printError("\(pruned.kept.count) blocks as \(dtype.rawValue)")
    print(output.visible)
    printError("vllm serve \(output.visible)")
  }
}
