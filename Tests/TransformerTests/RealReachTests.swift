import Dials
import Foundation
import GGUF
import Kernels
import TestSupport
import Testing
import Tokenization
import Transformer

private let wikiText = "wikitext2/wiki.test.part1.raw"

/// The ablation on the default model: a text several windows long, a window of 256.
@Suite(
  .needsModel,
  .needsData(wikiText))
struct RealReachTests {
  private static let window = 256
  private static let length = 1280

  /// Measured: full attention 2.89 nats, the first 16 positions and a window of 256 3.13: so small a
  /// window does miss some of the article. The window alone is far behind both.
  @Test func `a window alone collapses when the first positions leave, with them it does not`()
    throws
  {
    let full = try loss(.full)
    let lambda = try loss(ReachSetting(.lambda, window: Self.window, sinks: 16))
    let cacheIndex = try loss(
      ReachSetting(.lambda, window: Self.window, sinks: 16, distance: .cacheIndex))
    let sliding = try loss(ReachSetting(.sliding, window: Self.window))
    #expect(lambda < full + 0.3, "\(lambda) against \(full)")
    #expect(abs(cacheIndex - lambda) < 0.05, "\(cacheIndex) against \(lambda)")
    #expect(sliding > lambda + 0.3, "\(sliding) against \(lambda)")
  }

  /// The mean loss in nats behind the first two windows.
  private func loss(_ reach: ReachSetting) throws -> Double {
    let file = try GGUFFile(path: try #require(SharedData.model))
    let text = try String(
      contentsOfFile: try #require(SharedData.data(wikiText)), encoding: .utf8)
    // The article before it says everything twice, which no window can copy.
    let start = try #require(text.range(of: " = Du Fu = ")).lowerBound
    let tokens = try Tokenizer(metadata: file.metadata)
      .encode(String(text[start...].prefix(8000)), addSpecial: true).prefix(Self.length)
    #expect(tokens.count == Self.length)
    return try withPass(over: file, workers: 2, capacity: Self.length, rowCapacity: 128) { pass in
      pass.reset(reach: reach)
      var losses: [Double] = []
      for start in stride(from: 0, to: Self.length, by: 128) {
        let part = tokens[start..<start + 128]
        pass.appendChain(part)
        pass.run(rows: 0..<part.count, blocks: 0..<pass.blockCount)
        let targets = Array(tokens[(start + 1)...].prefix(128))
        losses += pass.losses(of: 0..<targets.count, targets: targets)
        pass.commit(path: Array(0..<part.count))
      }
      let late = losses.dropFirst(2 * Self.window)
      return late.reduce(0, +) / Double(late.count)
    }
  }
}
