import Foundation
import Models
import Synchronization
import TestSupport
import Testing

/// A hub on this machine, and a cache to pull into.
private struct Scene {
  static let (one, two) = ("tiny-Q4_K_M.gguf", "tiny-Q8_0.gguf")

  let server: HubServer
  let root: String
  var cache: String { root + "/cache" }
  var repository: String { cache + "/models--tester--tiny-GGUF" }

  init(_ root: String, bytes: Int = 900_000, files: [String: [UInt8]] = [:]) async throws {
    var random = SeededGenerator(seed: 3)
    let words = (0..<bytes / 8).map { _ in random.next() }
    let content = words.withUnsafeBytes { Array($0) }
    let usual = [Self.one: content, Self.two: Array("GGUF".utf8), "README.md": [1]]
    server = try await HubServer(files.isEmpty ? usual : files)
    self.root = root
  }

  func pull(
    _ name: String = HubServer.repository, mode: String = "plain", token: String? = nil,
    isOffline: Bool = false, cache: String? = nil, variables: [String: String] = [:],
    progress: @Sendable (PullProgress) -> Void = { _ in }
  ) async -> Result<HubPull.Result, ModelsError> {
    do throws(ModelsError) {
      var pace = PullPace()
      (pace.firstWait, pace.patience) = (.milliseconds(5), 2)
      let endpoint = URL(string: server.endpoint(mode))
      let settings = HubSettings(
        endpoint: endpoint ?? URL(filePath: "/"), cacheFolder: cache ?? self.cache, token: token,
        isOffline: isOffline)
      let pull = HubPull(
        try HubReference(name), settings: settings, variables: variables, pace: pace)
      return .success(try await pull.run(progress: progress))
    } catch {
      return .failure(error)
    }
  }

  func names(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "\(repository)/\(folder)")) ?? [])
      .sorted()
  }
}

/// What a pull says on its way.
private final class Steps: Sendable {
  private let steps = Mutex<[PullProgress]>([])
  var seen: [PullProgress] { steps.withLock(\.self) }
  func add(_ step: PullProgress) { steps.withLock { $0.append(step) } }
}

@Suite(.needsHub)
struct HubPullTests {
  @Test func `a pull leaves the cache in the layout of the hub, and a second one fetches nothing`()
    async throws
  {
    try await withTemporaryFolder { root in
      let scene = try await Scene(root)
      let result = try await scene.pull().get()
      #expect(result.outcome == .fetched)
      let bytes = try Data(contentsOf: URL(filePath: result.path))
      let digest = FileDigest.hexadecimal(of: bytes)
      #expect(bytes.count == 900_000)
      #expect(scene.names("blobs") == [digest])
      let commit = try String(contentsOfFile: scene.repository + "/refs/main", encoding: .utf8)
      #expect(commit.count == 40)
      #expect(result.path == "\(scene.repository)/snapshots/\(commit)/\(Scene.one)")
      let link = try FileManager.default.destinationOfSymbolicLink(atPath: result.path)
      #expect(link == "../../blobs/\(digest)")
      let again = try await scene.pull().get()
      #expect(again == HubPull.Result(path: result.path, outcome: .alreadyThere))
      #expect(scene.server.downloads.count == 1)
    }
  }

  @Test func `a quantisation and a path name a file of the repository`() async throws {
    try await withTemporaryFolder { root in
      let scene = try await Scene(
        root, files: ["a-Q4_K_M.gguf": [1], "b-Q8_0.gguf": [2], "deep/down/c-F16.gguf": [3]])
      for (name, byte) in [
        ("", 1), (":q8_0", 2), (":F16", 3), ("/deep/down/c-F16.gguf", 3), ("/b-Q8_0.gguf", 2),
      ] as [(String, UInt8)] {
        let path = try await scene.pull(HubServer.repository + name).get().path
        #expect(try Data(contentsOf: URL(filePath: path)) == Data([byte]))
      }
      let error = await scene.pull(HubServer.repository + ":Q2_K").failure
      #expect(error?.code == .unknownModel)
      #expect(error?.message.contains("F16, Q4_K_M, Q8_0") == true)
    }
  }

  @Test func `all parts of a model that is split come`() async throws {
    try await withTemporaryFolder { root in
      let names = (1...3).map { "big/m-Q4_K_M-0000\($0)-of-00003.gguf" }
      let scene = try await Scene(
        root, files: Dictionary(uniqueKeysWithValues: names.map { ($0, Array($0.utf8)) }))
      let steps = Steps()
      let result = try await scene.pull { steps.add($0) }.get()
      #expect(result.path.hasSuffix(names[0]))
      #expect(scene.names("blobs").count == 3)
      #expect(steps.seen.last == .fetching(bytes: 96, of: 96))
      try await withTemporaryFolder { other in
        let cut = try await Scene(other, files: [names[0]: [1], names[2]: [2]])
        let error = await cut.pull().failure
        #expect(error?.message.contains(names[1]) == true)
      }
    }
  }

  @Test func `a connection that breaks is gone on with where it broke`() async throws {
    try await withTemporaryFolder { root in
      let scene = try await Scene(root)
      #expect(try await scene.pull(mode: "cut").get().outcome == .fetched)
      let ranges = scene.server.downloads.map(\.range)
      #expect(ranges.count == 5)
      #expect(ranges == ["", "bytes=200000-", "bytes=400000-", "bytes=600000-", "bytes=800000-"])
    }
  }

  @Test(arguments: ["silent", "flaky", "busy", "norange", "416"])
  func `a hub with passing troubles is asked again`(mode: String) async throws {
    try await withTemporaryFolder { root in
      let scene = try await Scene(root)
      if mode == "416" { try await scene.leave(some: 1000, mode: mode) }
      let path = try await scene.pull(mode: mode).get().path
      #expect(try Data(contentsOf: URL(filePath: path)).count == 900_000)
    }
  }

  @Test func `a server that never delivers is given up after some attempts`() async throws {
    try await withTemporaryFolder { root in
      let scene = try await Scene(root)
      let error = await scene.pull(mode: "dead").failure
      #expect(error?.code == .downloadFailed)
      #expect(error?.message.contains("fathom pull hf:tester/tiny-GGUF") == true)
      #expect(scene.server.downloads.count == PullPace().attemptLimit)
      #expect(await scene.pull(mode: "store-503").code == .downloadFailed)
      #expect(await scene.pull(mode: "api-500").code == .downloadFailed)
      #expect(await scene.pull(mode: "api-429").failure?.message.contains("429") == true)
    }
  }

  @Test func `contents of another hash are thrown away, and that is said`() async throws {
    try await withTemporaryFolder { root in
      let scene = try await Scene(root)
      for mode in ["wrong", "changed"] {
        let error = await scene.pull(mode: mode).failure
        #expect(error?.code == .damagedDownload)
        #expect(error?.message.contains("SHA-256") == true)
        #expect(scene.names("blobs").filter { !$0.hasSuffix(".incomplete") }.isEmpty)
        #expect(scene.names("snapshots").isEmpty)
      }
      #expect(await scene.pull().code == nil)
    }
  }

  @Test func `a server that sends too much or too little, or another part, is not believed`()
    async throws
  {
    try await withTemporaryFolder { root in
      let scene = try await Scene(root)
      #expect(await scene.pull(mode: "shorter").code == .downloadFailed)
      try await scene.leave(some: 1000, mode: "shifted")
      #expect(await scene.pull(mode: "shifted").code == .downloadFailed)
      // What is more than the file has is not taken, and what is right of it is right.
      #expect(await scene.pull(mode: "longer").code == nil)
    }
  }

  @Test func `what an earlier pull left is used, and where it is wrong all is fetched again`()
    async throws
  {
    try await withTemporaryFolder { root in
      let scene = try await Scene(root)
      try await scene.leave(some: 500_000)
      #expect(try await scene.pull().get().outcome == .fetched)
      #expect(scene.server.downloads.map(\.range).last == "bytes=500000-")
      try FileManager.default.removeItem(atPath: scene.cache)
      try await scene.leave(some: 500_000, isWrong: true)
      #expect(try await scene.pull().get().outcome == .fetched)
      #expect(scene.server.downloads.map(\.range).suffix(2) == ["bytes=500000-", ""])
      try FileManager.default.removeItem(atPath: scene.cache)
      try await scene.leave(some: 900_001)
      #expect(try await scene.pull().get().outcome == .fetched)
    }
  }

  @Test func `contents in place that are damaged are fetched again`() async throws {
    try await withTemporaryFolder { root in
      let scene = try await Scene(root)
      let path = try await scene.pull().get().path
      let sound = try Data(contentsOf: URL(filePath: path))
      let blob = "\(scene.repository)/blobs/\(scene.names("blobs")[0])"
      try (sound.dropLast() + [sound[sound.count - 1] ^ 1]).write(to: URL(filePath: blob))
      #expect(try await scene.pull().get().outcome == .fetched)
      #expect(try Data(contentsOf: URL(filePath: path)) == sound)
    }
  }

  @Test func `the token goes to the hub and to no other host`() async throws {
    try await withTemporaryFolder { root in
      let scene = try await Scene(root)
      #expect(await scene.pull(mode: "token").code == .noAccess)
      #expect(await scene.pull(mode: "token", token: HubServer.token).code == nil)
      let requests = scene.server.requests
      let store = requests.filter { $0.host == "store" }
      #expect(!store.isEmpty && store.allSatisfy { $0.authorization.isEmpty })
      let bearer = "Bearer \(HubServer.token)"
      #expect(requests.filter { $0.authorization == bearer }.count == 2)
    }
  }

  @Test func `what the hub refuses is said with what to do`() async throws {
    try await withTemporaryFolder { root in
      let scene = try await Scene(root)
      for (mode, token, code, word) in [
        ("token", nil, .noAccess, "HF_TOKEN"), ("token", "hf_other", .noAccess, "token"),
        ("gated", nil, .noAccess, "accept their terms"), ("api-404", nil, .unknownModel, "no such"),
        ("api-418", nil, .downloadFailed, "418"), ("store-404", nil, .unknownModel, "no such"),
        ("store-416", nil, .downloadFailed, "416"),
        ("garbage", nil, .downloadFailed, "HF_ENDPOINT"),
        ("nocommit", nil, .downloadFailed, "HF_ENDPOINT"),
        ("loop", nil, .downloadFailed, "address"),
        ("norecord", nil, .downloadFailed, "SHA-256"),
        ("hostile", nil, .unknownModel, "no GGUF file"),
      ] as [(String, String?, ModelsError.Code, String)] {
        let error = await scene.pull(mode: mode, token: token).failure
        #expect(error?.code == code, "\(mode): \(error?.description ?? "")")
        #expect(error?.message.contains(word) == true, "\(mode): \(error?.description ?? "")")
      }
      #expect(await scene.pull("nobody/nothing-GGUF").code == .noAccess)
      #expect(scene.names("snapshots").isEmpty)
      #expect(!FileManager.default.fileExists(atPath: root + "/escaped"))
    }
  }

  @Test func `of two pulls at once one fetches and the other waits and says so`() async throws {
    try await withTemporaryFolder { root in
      let scene = try await Scene(root)
      let steps = Steps()
      async let first = scene.pull(mode: "slow") { steps.add($0) }
      async let second = scene.pull(mode: "slow") { steps.add($0) }
      let outcomes = [try await first.get().outcome, try await second.get().outcome]
      #expect(outcomes.filter { $0 == .fetched }.count == 1)
      #expect(scene.server.downloads.count == 1)
      #expect(steps.seen.filter { $0 == .waiting }.count == 1)
    }
  }

  @Test func `a pull that is stopped ends soon and is gone on with`() async throws {
    try await withTemporaryFolder { root in
      let scene = try await Scene(root)
      let came = Mutex(0)
      let task = Task {
        await scene.pull(mode: "slow") { step in
          if case .fetching(let bytes, _) = step { came.withLock { $0 = bytes } }
        }
      }
      while came.withLock(\.self) < 100_000 { try await Task.sleep(for: .milliseconds(5)) }
      task.cancel()
      #expect(await task.value.code == .interrupted)
      #expect(scene.names("blobs").allSatisfy { $0.hasSuffix(".incomplete") })
      #expect(await scene.pull().code == nil)
      let range = try #require(scene.server.downloads.last?.range)
      let begin = try #require(Int(range.dropFirst(6).dropLast()))
      #expect((100_000..<900_000).contains(begin))
    }
  }

  @Test func `without the network what is here is found, and what is not is said`() async throws {
    try await withTemporaryFolder { root in
      let scene = try await Scene(root)
      let offline = await scene.pull(isOffline: true)
      #expect(offline.code == .offline)
      #expect(scene.server.requests.isEmpty)
      let path = try await scene.pull().get().path
      let count = scene.server.requests.count
      let found = try await scene.pull(isOffline: true).get()
      #expect(found == HubPull.Result(path: path, outcome: .alreadyThere))
      #expect(scene.server.requests.count == count)
    }
  }

  @Test func `a hub that is not there, and a missing curl, are told apart`() async throws {
    try await withTemporaryFolder { root in
      let scene = try await Scene(root)
      let noCurl = await scene.pull(variables: ["PATH": "/nowhere"]).failure
      #expect(noCurl?.code == .noCurl)
      #expect(noCurl?.message.contains("apt install curl") == true)
      var pace = PullPace()
      pace.firstWait = .milliseconds(1)
      // Nothing listens on port 9 of this machine.
      let nobody = HubSettings(
        endpoint: try #require(URL(string: "http://127.0.0.1:9")), cacheFolder: scene.cache)
      let pull = HubPull(try HubReference("a/b"), settings: nobody, pace: pace)
      let error = await #expect(throws: ModelsError.self) { try await pull.run() }
      #expect(error?.code == .noNetwork)
      #expect(error?.place == "127.0.0.1:9")
    }
  }

  @Test func `a cache that cannot be made is named`() async throws {
    try await withTemporaryFolder { root in
      let scene = try await Scene(root)
      try Data().write(to: URL(filePath: scene.cache))
      #expect(await scene.pull().code == .cannotCreate)
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible, Comment(rawValue: SmallDisk.missing)))
  func `a disk without room is said before anything comes, and one that fills up keeps what came`()
    async throws
  {
    try await withTemporaryFolder { root in
      let scene = try await Scene(root)
      let small = try SmallDisk(kilobytes: 700)
      let before = await scene.pull(cache: small.folder.path).failure
      #expect(before?.code == .cannotWrite)
      #expect(before?.message.contains("0.9 MB are to come") == true)
      #expect(scene.server.downloads.isEmpty)

      let disk = try SmallDisk(kilobytes: 1200)
      let ballast = URL(filePath: disk.folder.file("ballast"))
      let full = await scene.pull(mode: "slow", cache: disk.folder.path) { step in
        if case .fetching(let bytes, _) = step, bytes > 50_000,
          !FileManager.default.fileExists(atPath: ballast.path)
        {
          try? Data(count: 700_000).write(to: ballast)
        }
      }
      #expect(full.code == .cannotWrite)
      #expect(full.failure?.message.contains("the disk is full") == true)
      try FileManager.default.removeItem(at: ballast)
      let path = try await scene.pull(cache: disk.folder.path).get().path
      #expect(try Data(contentsOf: URL(filePath: path)).count == 900_000)
      #expect(scene.server.downloads.last?.range.isEmpty == false)
    }
  }
}

extension Scene {
  /// Leaves what a pull that was killed after `count` bytes would.
  fileprivate func leave(
    some count: Int, mode: String = "plain", isWrong: Bool = false
  ) async throws {
    let path = try await pull(cache: root + "/other").get().path
    let sound = try Data(contentsOf: URL(filePath: path))
    let digest = FileDigest.hexadecimal(of: sound)
    try FileManager.default.createDirectory(
      atPath: repository + "/blobs", withIntermediateDirectories: true)
    var left = Data((sound + sound).prefix(count))
    if isWrong { left[7] ^= 1 }
    try left.write(to: URL(filePath: "\(repository)/blobs/\(digest).incomplete"))
    try FileManager.default.removeItem(atPath: root + "/other")
  }
}

extension Result where Failure == ModelsError {
  /// The failure.
  var failure: ModelsError? { if case .failure(let error) = self { error } else { nil } }
}
