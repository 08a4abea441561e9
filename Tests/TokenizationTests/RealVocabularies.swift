import Dials
import Foundation
import GGUF
import TestSupport
import Tokenization

/// Tokenizers of real files, each read once.
enum RealVocabularies {
  /// SmolLM2, the default model.
  static let smol = SharedData.model.flatMap {
    try? Tokenizer(metadata: GGUFFile(path: $0).metadata)
  }

  /// The metadata of the vocabulary file `name`, unpacked into a temporary folder; nil when the data
  /// or the program `xz` are missing.
  static func metadata(_ name: String) throws -> Metadata? {
    guard let packed = SharedData.data("vocab/ggml-vocab-\(name).gguf.xz") else { return nil }
    let unpacked = FileManager.default.temporaryDirectory.appending(
      path: "fathom-\(name)-\(UUID().uuidString).gguf")
    defer { try? FileManager.default.removeItem(at: unpacked) }
    _ = FileManager.default.createFile(atPath: unpacked.path, contents: nil)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["xz", "-dc", packed]
    process.standardOutput = try FileHandle(forWritingTo: unpacked)
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return try GGUFFile(path: unpacked.path).metadata
  }

  /// Whether vocabulary files can be read here.
  static let arePresent: Bool = {
    guard SharedData.data("vocab/ggml-vocab-gpt-2.gguf.xz") != nil else { return false }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["xz", "--version"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  /// Why tests of them are skipped.
  static let missing =
    "no vocabulary files or no xz: set FATHOM_DATA to a folder of data and golden"
}

/// A resource file of these tests, line by line.
func goldenLines(_ name: String) throws -> [Data] {
  let url = Bundle.module.url(forResource: "Golden/\(name)", withExtension: nil)
  guard let url else { throw CocoaError(.fileNoSuchFile) }
  return try Data(contentsOf: url).split(separator: UInt8(ascii: "\n")).map { Data($0) }
}

extension [TokenID] {
  /// The ids as plain numbers, which read better in a failure.
  var numbers: [Int] { map(\.index) }
}
