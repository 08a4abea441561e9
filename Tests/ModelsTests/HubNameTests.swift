import Foundation
import Models
import Testing

@Suite struct HubNameTests {
  @Test(arguments: [
    ("hf:a/b", "hf:a/b"), ("a/b:Q4_K_M", "hf:a/b:Q4_K_M"),
    ("a/b.c-d/e/f.gguf", "hf:a/b.c-d/e/f.gguf"),
  ])
  func `a name on the hub is read and written`(text: String, written: String) throws {
    let reference = try HubReference(text)
    #expect(reference.description == written)
    #expect(try HubReference(written) == reference)
  }

  @Test(arguments: [
    "", "a", "a/", "/b", "a/b:", "a/b:c/d", "a/b/c", "a/../b.gguf", "../b", "a/.b", "a b/c",
    "a/b:Q4:Q5",
    "a/b/c.gguf:Q4", "a/b\n", "hf:", "a//b.gguf", "-a/b", "a/b/-c.gguf",
  ])
  func `what is no name on the hub is refused with the way to write one`(text: String) {
    let error = #expect(throws: ModelsError.self) { try HubReference(text) }
    #expect(error?.code == .unknownModel)
    #expect(error?.message.contains("owner/repo:Q4_K_M") == true)
  }

  @Test func `files are chosen as llama.cpp chooses them`() {
    let files = [
      "imatrix-Q4_K_M.gguf", "m-BF16.gguf", "m-F16.gguf", "m-Q4_K_M-00002-of-00002.gguf",
      "m-Q4_K_M-00001-of-00002.gguf", "m-Q8_0.gguf", "m-q5_k_m.gguf", "mmproj-m-Q8_0.gguf",
      "UD-Q4_K_XL/m.gguf", "README.md",
    ]
    func path(_ name: String?) -> String? { HubChoice.path(of: .quantisation(name), in: files) }
    #expect(path(nil) == "m-Q4_K_M-00001-of-00002.gguf")
    #expect(path("q8_0") == "m-Q8_0.gguf")
    #expect(path("Q5_K_M") == "m-q5_k_m.gguf")
    #expect(path("F16") == "m-F16.gguf")
    #expect(path("BF16") == "m-BF16.gguf")
    #expect(path("UD-Q4_K_XL") == nil)
    #expect(path("Q2_K") == nil)
    #expect(
      HubChoice.path(of: .quantisation(nil), in: ["x-Q8_0.gguf", "x-Q2_K.gguf"]) == "x-Q8_0.gguf")
    #expect(HubChoice.path(of: .quantisation(nil), in: ["x.txt", "y.gguf"]) == "y.gguf")
    #expect(HubChoice.path(of: .quantisation(nil), in: ["mmproj-y.gguf"]) == nil)
    #expect(HubChoice.path(of: .file("m-F16.gguf"), in: files) == "m-F16.gguf")
    #expect(HubChoice.path(of: .file("none.gguf"), in: files) == nil)
    #expect(HubChoice.parts(of: "m-Q4_K_M-00001-of-00002.gguf").count == 2)
  }

  @Test func `the quantisation is the end of a file's name`() {
    #expect(HubChoice.quantisation(of: "a/m-q4_k_m.gguf") == "Q4_K_M")
    #expect(HubChoice.quantisation(of: "m.Q8_0-00001-of-00002.gguf") == "Q8_0")
    #expect(HubChoice.quantisation(of: "model.gguf") == nil)
    #expect(HubChoice.quantisation(of: "m-instruct.gguf") == nil)
  }

  @Test func `short names are names, each once, and mean something on the hub`() throws {
    #expect(Set(ShortName.all.map(\.name)).count == ShortName.all.count)
    for short in ShortName.all {
      #expect(short.name == short.name.lowercased())
      #expect(short.name.split(separator: ":").count == 2)
      #expect(try HubReference(short.reference.description) == short.reference)
      #expect(try ModelFolder.hubReference(short.name.uppercased()) == short.reference)
    }
    #expect(try ModelFolder.hubReference("nonsense:1b") == nil)
    #expect(ModelEntry.all.allSatisfy { ShortName.named($0.name) == nil })
  }
}

@Suite struct HubSettingsTests {
  private func folder(_ variables: [String: String]) -> String {
    HubSettings.cacheFolder(environment: variables)
  }

  @Test func `the cache is where the hub's own programs look`() {
    #expect(folder(["HOME": "/h"]) == "/h/.cache/huggingface/hub")
    #expect(folder(["HOME": "/h", "XDG_CACHE_HOME": "/x"]) == "/x/huggingface/hub")
    #expect(folder(["HOME": "/h", "HF_HOME": "~/hf", "XDG_CACHE_HOME": "/x"]) == "/h/hf/hub")
    #expect(folder(["HF_HUB_CACHE": "/c", "HF_HOME": "/hf"]) == "/c")
    #expect(folder(["HF_HUB_CACHE": "", "HUGGINGFACE_HUB_CACHE": "/d", "HF_HOME": "/f"]) == "/d")
  }

  @Test func `the address, the token and the ban of the network come from variables and a file`()
    throws
  {
    let plain = try HubSettings(environment: ["HOME": "/nowhere"])
    #expect(plain.endpoint.absoluteString == "https://huggingface.co")
    #expect(plain.token == nil)
    #expect(!plain.isOffline)
    let given = try HubSettings(environment: [
      "HOME": "/nowhere", "HF_ENDPOINT": "http://mirror.test:8080/hub//", "HF_TOKEN": " hf_x\n",
      "HF_HUB_OFFLINE": "Yes",
    ])
    #expect(given.endpoint.absoluteString == "http://mirror.test:8080/hub")
    #expect(given.token == "hf_x")
    #expect(given.isOffline)
    let quiet = ["HF_TOKEN": "hf_x", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1", "HF_HUB_OFFLINE": "0"]
    #expect(try HubSettings(environment: quiet).token == nil)
    #expect(try !HubSettings(environment: quiet).isOffline)
  }

  @Test func `the token file of the hub's own programs is read`() async throws {
    try await withTemporaryHome { home in
      try Data("hf_file\n".utf8).write(to: URL(filePath: home + "/token"))
      #expect(try HubSettings(environment: ["HF_HOME": home]).token == "hf_file")
      let other = ["HF_HOME": "/nowhere", "HF_TOKEN_PATH": home + "/token"]
      #expect(try HubSettings(environment: other).token == "hf_file")
      #expect(try HubSettings(environment: ["HF_HOME": home, "HF_TOKEN": "hf_y"]).token == "hf_y")
    }
  }

  @Test(arguments: [
    ("HF_ENDPOINT", "ftp://x"), ("HF_ENDPOINT", "huggingface.co"), ("HF_ENDPOINT", "https://"),
    ("HF_TOKEN", "hf a"), ("HF_TOKEN", "hf\u{7}"), ("HF_TOKEN", "hf_\nX-Evil: 1"),
  ])
  func `what makes no sense is refused by the variable's name`(name: String, value: String) {
    let error = #expect(throws: ModelsError.self) {
      try HubSettings(environment: [name: value, "HOME": "/nowhere"])
    }
    #expect(error?.code == .badSetting)
    #expect(error?.place == name)
  }

  private func withTemporaryHome(_ body: (String) throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.path + "/fathom-home-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }
}

@Suite struct ResponseTests {
  @Test func `an answer is taken apart the same in whatever pieces it comes`() {
    let bytes = Array(
      ("HTTP/1.1 100 Continue\r\n\r\nHTTP/2 206 \r\nETag: W/\"abc\"\r\nContent-Range: bytes 5-9/10\r\n"
        + "x-long:  a b \r\n\r\nbody\r\n\r\nmore").utf8)
    for size in 1...bytes.count {
      var reader = ResponseReader()
      var body: [UInt8] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        body += reader.body(of: Array(bytes[start..<min(start + size, bytes.count)])) ?? [0]
      }
      #expect(String(decoding: body, as: UTF8.self) == "body\r\n\r\nmore")
      #expect(reader.head?.status == 206)
      #expect(reader.head?.tag("etag") == "abc")
      #expect(reader.head?["x-long"] == "a b")
    }
  }

  @Test func `what is no answer is refused, and a head without end too`() {
    var reader = ResponseReader()
    #expect(reader.body(of: Array("220 ftp\r\n\r\n".utf8)) == nil)
    var endless = ResponseReader()
    #expect(endless.body(of: Array("HTTP/1.1 200 OK\r\n".utf8)) == [])
    #expect(endless.body(of: [UInt8](repeating: 65, count: 1 << 17)) == nil)
  }

  @Test func `who answers is scheme, host and port`() throws {
    func origin(_ text: String) -> WebOrigin? { URL(string: text).flatMap(WebOrigin.init) }
    #expect(origin("https://a.test/x") == origin("HTTPS://A.test:443/y"))
    #expect(origin("https://a.test") != origin("http://a.test"))
    #expect(origin("https://a.test") != origin("https://a.test:8443"))
    #expect(origin("https://a.test") != origin("https://a.test.evil.test"))
    #expect(origin("file:///etc/passwd") == nil)
    #expect(origin("https://user:secret@a.test")?.name == "a.test")
  }
}

@Suite struct PaceTests {
  @Test func `waits double, are bounded, and follow what the server asks`() throws {
    var pace = PullPace()
    (pace.firstWait, pace.longestWait, pace.attemptLimit) = (.seconds(1), .seconds(5), 6)
    var attempts = PullAttempts(pace)
    let cut = WebError(.cut, "")
    let waits = (0..<6).map { _ in attempts.wait(after: cut, progressBytes: 0) }
    #expect(waits == [.seconds(1), .seconds(2), .seconds(4), .seconds(5), .seconds(5), nil])
    attempts = PullAttempts(pace)
    for _ in 0..<40 {
      #expect(attempts.wait(after: cut, progressBytes: 1 << 21) == .seconds(1))
    }
    func asking(_ status: Int, _ wait: String) -> RefusedRequest {
      RefusedRequest(ResponseHead(status: status, fields: ["retry-after": wait]))
    }
    attempts = PullAttempts(pace)
    #expect(attempts.wait(after: asking(429, "3"), progressBytes: 0) == .seconds(3))
    #expect(attempts.wait(after: asking(503, "3600"), progressBytes: 0) == .seconds(5))
    #expect(attempts.wait(after: asking(500, "soon"), progressBytes: 0) == .seconds(4))
    #expect(attempts.wait(after: asking(404, "1"), progressBytes: 0) == nil)
    #expect(attempts.wait(after: WebError(.insecure, ""), progressBytes: 0) == nil)
    #expect(attempts.wait(after: CancellationError(), progressBytes: 0) == nil)
  }

  @Test func `speed is that of the last seconds, and the time left follows from it`() {
    var speed = TransferSpeed()
    #expect(speed.words(until: 100).isEmpty)
    speed.add(bytes: 50_000_000, at: .seconds(0))
    #expect(speed.bytesPerSecond == nil)
    for second in 1...60 { speed.add(bytes: 50_000_000 + second * 2_000_000, at: .seconds(second)) }
    #expect(speed.bytesPerSecond == 2_000_000)
    #expect(speed.words(until: 300_000_000) == "2.0 MB/s, 1 min 5 s left")
    #expect(speed.words(until: 30_000_000_000) == "2.0 MB/s, 4 h 8 min left")
    for second in 61...80 { speed.add(bytes: 170_000_000, at: .seconds(second)) }
    #expect(speed.words(until: 300_000_000) == "nothing comes")
    speed.add(bytes: 0, at: .seconds(81))
    #expect(speed.bytesPerSecond == nil)
  }
}
