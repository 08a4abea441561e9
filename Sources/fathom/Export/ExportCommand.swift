import ArgumentParser
import Chat
import Dials
import Files
import Foundation
import Inference
import Pruning
import Reports
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

  @OptionGroup(title: "Model and machine") var modelOptions: ModelOptions
  @OptionGroup(title: "Blocks left out") var pruning: PruningOptions

  @Option(help: "gguf or safetensors.")
  var format: Format = .gguf

  @Option(
    help: "The numbers of safetensors: float16 or float32.",
    transform: { try Spelled.value($0, of: "--dtype") })
  var dtype: SafetensorsFile.NumberType = .float16

  @Option(
    name: .shortAndLong, help: "The file, or for safetensors the folder, that is written.",
    completion: .file(extensions: ["gguf"]))
  var output: String

  @OptionGroup var outputs: OutputOptions

  func run() async throws {
    try await reportingErrors {
      if format == .gguf { try outputs.check(output, from: modelOptions.inputs()) }
      let model = try pruning.repaired(modelOptions.load(isRaw: true))
      let pruned = try CheckedExport(model: model).pruned(
        try pruning.blocks(of: model).value, method: try pruning.method(for: model))
      switch format {
      case .gguf: try writeGGUF(pruned, model: model)
      case .safetensors: try writeFolder(pruned)
      }
    }
  }

  private func writeGGUF(_ pruned: PrunedFile, model: LoadedModel) throws {
    let file = outputs.file(output, from: try modelOptions.inputs())
    if let difference = try CheckedExport(model: model).write(pruned, to: file) {
      printError("fathom: \(CheckedExport.words(difference))")
      throw ExitCode.checkFailed
    }
    let blocks = "\(pruned.kept.count) of \(model.blockCount) blocks"
    guard FileIdentity(path: output)?.kind == .file else {
      return printError("\(blocks); what was written cannot be read again here, and is not checked")
    }
    if let repair = model.weights.repair { printError("repaired: \(repair.method)") }
    printError("\(blocks); read again, and every logit is that of the running model")
    try say(output.visible)
    printError("fathom chat -m \(output.visible)")
    printError("llama-cli -m \(output.visible)")
  }

  private func writeFolder(_ pruned: PrunedFile) throws {
    for notice in try HuggingFaceFolder(pruned, type: dtype).write(
      to: output, replaces: outputs.force)
    {
      printError("fathom: \(notice)")
    }
    printError("\(pruned.kept.count) blocks as \(dtype.rawValue)")
    try say(output.visible)
    printError("vllm serve \(output.visible)")
  }
}
