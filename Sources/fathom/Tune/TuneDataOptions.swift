import ArgumentParser
import Chat
import Corpus
import Files
import Foundation
import GGUF
import Inference
import Models
import Reports
import Tokenization
import Training

/// Where training takes its texts from.
struct TuneDataOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .upToNextOption,
    help:
      "Data files: JSON Lines, a JSON list or plain text; .xz and .gz too; - is the standard input.",
    completion: .file(extensions: ["jsonl", "json", "txt", "md", "xz", "gz"]))
  var data: [String]

  @Option(parsing: .unconditional, help: "The greatest length of a text, in tokens.")
  var length = 512

  @Option(parsing: .unconditional, help: "The share of prompts that is kept for measuring.")
  var heldOut: Float = 0.03

  func validate() throws {
    guard (16...65536).contains(length) else {
      throw ValidationError("--length must be between 16 and 65536.")
    }
    guard heldOut > 0, heldOut < 1 else {
      throw ValidationError("--held-out must be between 0 and 1.")
    }
  }

  /// Reads all files, each once: it may be a pipe. What was left out is said on the error output.
  func read() async throws -> TuneData {
    var read = TuneData()
    for path in data {
      let isStored = path != "-" && FileIdentity(path: path)?.kind == .file
      let bytes = isStored ? nil : try FileReader.contents(of: path)
      let file =
        if let bytes { try DataFile(path: path, data: bytes) } else {
          try await DataFile(path: path)
        }
      guard
        let digest = bytes.map(FileDigest.hexadecimal(of:)) ?? FileDigest.hexadecimal(ofFile: path)
      else { throw FileError(number: errno, .reading, path: path) }
      for skipped in file.skipped.prefix(5) {
        printError("fathom: \(path), line \(skipped.line): \(skipped.reason); left out".visible)
      }
      if file.skipped.count > 5 {
        printError("fathom: \(path): \(file.skipped.count) rows left out in all".visible)
      }
      read.rows += file.rows
      read.files.append((URL(filePath: path).lastPathComponent, digest))
    }
    return read
  }

  /// The texts that the rows come to. Throws where there is none to learn from.
  func texts(of data: TuneData, base: TuneBase) throws -> [TrainingText] {
    let texts = base.builder(length: length, heldOutShare: heldOut).texts(of: data.rows)
    guard texts.contains(where: { !$0.isHeldOut }) else {
      throw TrainingError(
        .emptyData, at: self.data.joined(separator: ", "),
        "there is no answer to learn from. Answer prompts with 'fathom tune answers' first.")
    }
    return texts
  }
}

/// What the data files hold.
struct TuneData: Sendable {
  /// The rows of all files.
  var rows: [DataRow] = []
  /// Each file's name and the SHA-256 of its content.
  var files: [(name: String, sha256: String)] = []
}

extension TuneBase {
  /// Opens the model; what it has to say is said.
  init(_ options: ModelOptions) throws {
    let file = try GGUFFile(path: try ModelFolder().resolve(options.model))
    let threads = Host.threads(asked: options.threads)
    let model = try LoadedModel(
      file: file, threads: threads.count, kernels: try ModelOptions.kernels()
    ).noting(threads.notice)
    self.init(file: file, model: model, fingerprint: try model.fingerprint())
    for notice in model.notices(isRaw: false) { printError("fathom: \(notice)".visible) }
  }
}
