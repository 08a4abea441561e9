import Events
import Foundation
import Models
import TestSupport

/// A home with a tiny model, exits for it with a certificate beside them, a LoRA, and a deeper model.
struct TinyHome {
  let folder: String

  /// Makes the home in an empty folder.
  init(folder: String) throws {
    self.folder = folder
    let tiny = TinyModel(contextLength: 512, seed: 5)
    try write(tiny.bytes(), to: "tiny.gguf")
    try write(TinyModel(blockCount: 6, contextLength: 512, seed: 6).bytes(), to: "deep.gguf")
    let model = digest(of: "tiny.gguf")
    let adapter = TinyAdapter(
      base: tiny, sha256: model, depths: [1, 2], gateBias: 0, shortlist: Array(0..<200))
    try write(adapter.bytes(), to: "exits.gguf")
    var change = TinyLowRank(base: tiny)
    change.sha256 = model
    try write(try change.bytes(), to: "lora.gguf")
    try write(certificate(model: model).utf8, to: "exits.certificate.json")
  }

  /// The path of a file in the home.
  func file(_ name: String) -> String { "\(folder)/\(name)" }

  /// Runs the program with the tiny model, greedily and with at most 40 tokens an answer, unless
  /// `arguments` say something else.
  func run(
    _ command: [String], _ arguments: [String] = [], model: String = "tiny.gguf", input: String = ""
  ) throws -> BuiltProgram.Result {
    var usual = ["-m", file(model), "-t", "1"]
    if !arguments.contains("-n") { usual += ["-n", "40"] }
    if !arguments.contains("--adapter") && model == "tiny.gguf" {
      usual += ["--adapter", file("exits.gguf")]
    }
    return try BuiltProgram.run(
      command + usual + arguments.map { $0.replacing("HOME/", with: "\(folder)/") },
      variables: ["XDG_DATA_HOME": folder, "XDG_STATE_HOME": folder], input: input)
  }

  /// Says the lines in plain mode, one after the other, and gives the lines that come back.
  func chat(
    _ lines: [String], _ arguments: [String] = [], model: String = "tiny.gguf"
  ) throws -> [String] {
    let result = try run(
      ["chat", "--plain", "--no-history"], arguments, model: model,
      input: lines.map { $0.replacing("HOME/", with: "\(folder)/") + "\n" }.joined())
    guard result.status == 0, result.errors.isEmpty else {
      throw Recomputation.Failure(description: "\(result.status): \(result.errors)")
    }
    return result.output.components(separatedBy: "\n")
  }

  /// The lines of a saved session shown again.
  func replay(_ name: String) throws -> [String] {
    let result = try BuiltProgram.run(["replay", "--plain", file(name)])
    guard result.status == 0 else { throw Recomputation.Failure(description: result.errors) }
    return result.output.components(separatedBy: "\n")
  }

  /// The records of a saved session.
  func records(_ name: String) throws -> [Record] {
    try EventLog.records(in: Data(contentsOf: URL(filePath: file(name))))
  }

  /// Writes a file of the home.
  func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
    try Data(bytes).write(to: URL(filePath: file(name)))
  }

  private func digest(of name: String) -> String {
    FileDigest.hexadecimal(ofFile: file(name)) ?? ""
  }

  private func certificate(model: String) -> String {
    """
    {"v": 1, "type": "fathom.exits.certificate", "model": {"name": "m", "sha256": "\(model)"},
     "adapter": {"name": "a", "sha256": "\(digest(of: "exits.gguf"))"},
     "sampler": {"name": "greedy", "sha256": "\(FileDigest.hexadecimal(of: Data("greedy".utf8)))"},
     "data": [], "test": {"unit": "answers", "confidence": 0.95, "choosing_n": 1, "testing_n": 1,
       "token_n": 1, "followed": 1, "seed": 1},
     "presets": {"saving": {"exit": "top1 1:0.02,2:0.01", "short_head": null, "fill": "propagate",
       "risk": 0.1, "p": 0.01, "upper_bound": 0.1, "agreement": 0.9,
       "agreement_interval": [0.8, 1], "relative_bytes": 0.5, "mean_blocks": 2, "exits": {}}}}
    """
  }
}
