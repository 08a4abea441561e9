import Events
import Foundation
import Screen
import TestSupport
import Testing

/// The page of a recording in a real browser.
@Suite(.needsChromium, .serialized)
struct PageTests {
  /// What the page has become after its script, and after `script`, which a test adds to it.
  private static func page(_ records: [Record], then script: String = "") async throws -> String {
    let folder = try TemporaryFolder()
    let file = folder.path + "/page.html"
    let html = try RecordingExportTests.page(records)
      .replacing("</body>", with: "<script nonce=\"fathom\">\(script)</script></body>")
    try Data(html.utf8).write(to: URL(filePath: file))
    return try Chromium.run(["--dump-dom", "--virtual-time-budget=20000", "file://\(file)"])
  }

  @Test func `a click shows what is known of a word`() async throws {
    let page = try await Self.page(
      RecordingExportTests.records, then: "document.getElementById('w3').click();")
    let panel = try #require(
      page.firstMatch(of: /<div id="word">(.*?)<\/aside>/.dotMatchesNewlines()))
    #expect(panel.output.1.contains("sure ."))
    #expect(panel.output.1.contains("Most probable"))
    #expect(panel.output.1.contains("What it would have said after block"))
    #expect(page.contains("class=\"w c") && page.contains("chosen\""))
  }

  @Test func `the player hides what comes later, steps, and plays to the end`() async throws {
    let step = """
      document.getElementById('slider').value = 0;
      document.getElementById('slider').dispatchEvent(new Event('input'));
      document.body.dataset.start = document.querySelectorAll('.later').length;
      document.getElementById('step').click();
      document.body.dataset.one = document.getElementById('where').textContent;
      document.getElementById('speed').value = '20';
      document.getElementById('play').click();
      """
    let page = try await Self.page(RecordingExportTests.records, then: step)
    #expect(page.contains("data-one=\"word 1 of "))
    #expect(!page.contains("data-start=\"0\""))
    let main = try #require(page.firstMatch(of: /<main>(.*)<\/main>/.dotMatchesNewlines()))
    #expect(!main.output.1.contains("later"))
  }

  @Test func `a hostile recording stays text`() async throws {
    let page = try await Self.page(
      RecordingExportTests.hostile(), then: "document.getElementById('w1').click();")
    #expect(!page.contains("<img") && page.contains("&lt;img"))
    #expect(page.contains("word 1") || page.contains("of "))
    #expect(page.contains("sure ."))
  }

  @Test func `a picture of it shows something`() async throws {
    let folder = try TemporaryFolder()
    let (file, picture) = (folder.path + "/page.html", folder.path + "/page.png")
    try Data(RecordingExportTests.page(RecordingExportTests.records).utf8)
      .write(to: URL(filePath: file))
    _ = try Chromium.run([
      "--window-size=1200,900", "--screenshot=\(picture)", "file://\(file)",
    ])
    let bytes = try Data(contentsOf: URL(filePath: picture))
    #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) && bytes.count > 20_000)
    if let copy = ProcessInfo.processInfo.environment["FATHOM_PICTURE"] {
      try bytes.write(to: URL(filePath: copy))
    }
  }
}

extension Trait where Self == ConditionTrait {
  /// Leaves a test out where no Chromium is, and with the slow tier.
  fileprivate static var needsChromium: Self {
    .enabled(
      if: Chromium.path != nil && ProcessInfo.processInfo.environment["FATHOM_TESTS"] != "quick",
      "slow, and needs chromium")
  }
}

/// The browser Chromium without a window.
private enum Chromium {
  /// Where it lies; nil where it is not here.
  static let path = ["chromium", "chromium-browser", "google-chrome"]
    .map { "/usr/bin/\($0)" }.first { FileManager.default.isExecutableFile(atPath: $0) }

  static func run(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: path ?? "")
    process.arguments = ["--headless", "--no-sandbox", "--disable-gpu"] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
