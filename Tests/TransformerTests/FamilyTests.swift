import Dials
import Foundation
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// Law 1 on a tiny model of every family, against logits that a pass of others' making gave
/// (Golden/Families/README.md).
@Suite struct FamilyTests {
  /// A model with its logits.
  struct Golden: Codable, CustomStringConvertible {
    let name: String
    let family: String
    let type: String
    let model: String
    let logits: String
    let rows: Int
    let columns: Int
    let context: Int
    /// How far llama.cpp is from the logits with the file's own types: mean divergence, in nats a token.
    let typedDivergence: Double?
    /// Where the files are.
    fileprivate(set) var folder: URL?

    var description: String { "\(name) \(type)" }

    func file() throws -> GGUFFile {
      try GGUFFile(path: #require(folder).appending(path: model).path)
    }

    /// The logits, [row][column].
    func values() throws -> [[Double]] {
      let data = try Data(contentsOf: #require(folder).appending(path: logits))
      let numbers = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
      return (0..<rows).map { row in
        numbers[row * columns..<(row + 1) * columns].map(Double.init)
      }
    }

    /// The mean divergence of a pass's logits from these, in nats a token.
    func divergence(of logits: [[Float]]) throws -> Double {
      zip(logits, try values()).reduce(0) {
        $0 + Distance.divergence($1.0.map(Double.init), from: $1.1)
      } / Double(rows)
    }
  }

  /// All of them, and the text.
  struct Goldens: Codable {
    let tokens: [Int]
    var models: [Golden]

    /// Those that lie beside the tests.
    static let all = read(Bundle.module.bundleURL.appending(path: "Golden/Families"))
    /// Those of the folder that FATHOM_FAMILIES names: every type of every family, as
    /// `scripts/family_logits.py FOLDER --width wide --types all` writes them.
    static let wide = ProcessInfo.processInfo.environment["FATHOM_FAMILIES"].flatMap {
      read(URL(filePath: $0))
    }

    private static func read(_ folder: URL) -> Goldens? {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      let list = folder.appending(path: "families.json")
      guard let data = try? Data(contentsOf: list),
        var goldens = try? decoder.decode(Goldens.self, from: data)
      else { return nil }
      for index in goldens.models.indices { goldens.models[index].folder = folder }
      return goldens
    }

    var text: [TokenID] { tokens.map(TokenID.init) }
  }

  @Test func `every family has a golden model`() throws {
    let models = try #require(Goldens.all).models
    #expect(Set(models.map(\.family)) == Set(Architecture.all.map(\.name)))
  }

  /// What llama.cpp and a pass in double precision agree on.
  @Test(arguments: Goldens.all?.models ?? [])
  func `the reference pass gives the logits of other engines`(golden: Golden) throws {
    var reference = try ReferencePass(file: golden.file())
    reference.textLength = golden.context
    let logits = reference.run(try #require(Goldens.all).text).logits
    for (row, expected) in zip(logits, try golden.values()) {
      for (a, b) in zip(row, expected) { #expect(abs(a - b) < 1e-3) }
    }
  }

  /// Keys and values have eight bits in the fast pass, and with quantised weights activations do too.
  @Test(arguments: Goldens.all?.models ?? [], kernelSets)
  func `the fast pass says what other engines say`(golden: Golden, kernels: KernelSet) throws {
    let text = try #require(Goldens.all).text
    let capacity = golden.context
    let logits = try withPass(over: golden.file(), kernels: kernels, capacity: capacity) {
      $0.read(text, waves: [1, 5, 20]).map(\.floats)
    }
    #expect(logits.count == golden.rows)
    #expect(try golden.divergence(of: logits) < 0.01)
  }

  /// Where both engines round activations, the other one's distance is the yardstick: its own rounding is
  /// finer for some types and coarser for others.
  /// Biases in models of the family llama are refused.
  @Test(
    .enabled(if: Goldens.wide != nil),
    arguments: Goldens.wide?.models.filter { !$0.name.hasSuffix("-biases") } ?? [])
  func `every tensor type of every family says what other engines say`(golden: Golden) throws {
    let text = try #require(Goldens.wide).text
    let logits = try withPass(over: golden.file(), capacity: golden.context) {
      $0.read(text, waves: [64]).map(\.floats)
    }
    let divergence = try golden.divergence(of: logits)
    #expect(divergence < 0.01, "\(divergence), llama.cpp \(golden.typedDivergence ?? 0)")
  }

  /// The fast pass differs from the reference that rounds keys and values as it does by float arithmetic
  /// only. For the tolerances see PlainEqualsReferenceTests: heads of 16 dimensions are half as wide as
  /// there, so that a code that tips over weighs more.
  private static func tolerance(_ golden: Golden) -> Double { golden.type == "F16" ? 6e-3 : 0.04 }

  @Test(arguments: Goldens.all?.models ?? [])
  func `plain equals reference, for every family`(golden: Golden) throws {
    let (file, text) = (try golden.file(), try #require(Goldens.all).text)
    var reference = try ReferencePass(file: file)
    reference.roundsKeysAndValues = true
    reference.textLength = golden.context
    let expected = reference.run(text).logits
    let logits = try withPass(over: file, capacity: golden.context) {
      $0.read(text, waves: [30]).map(\.floats)
    }
    #expect(Distance.relative(logits, to: expected) < Self.tolerance(golden))
  }

  @Test(arguments: Goldens.all?.models ?? [], [1, 2, 3])
  func `rows do not depend on their company, for every family`(
    golden: Golden, workers: Int
  ) throws {
    let (file, text) = (try golden.file(), try #require(Goldens.all).text)
    let alone = try withPass(over: file) { ($0.decode(text), $0.cacheBits) }
    let together = try withPass(over: file, workers: workers) {
      ($0.read(text, waves: [3, 17, 40]), $0.cacheBits)
    }
    #expect(alone.0 == together.0)
    #expect(alone.1 == together.1)
  }

  /// A window, its first positions, its remembered ones and its lookups in models that have windows, norms
  /// and rotations of their own.
  @Test(
    arguments: Goldens.all?.models ?? [],
    [
      ReachSetting(.lambda, window: 16, sinks: 4), ReachSetting(.lambda, window: 6, sinks: 2),
      ReachSetting(.lambda, window: 16, sinks: 4, distance: .cacheIndex),
    ])
  func `a limited reach equals reference, for every family`(
    golden: Golden, reach: ReachSetting
  ) throws {
    let (file, text) = (try golden.file(), try #require(Goldens.all).text)
    var reference = try ReferencePass(file: file)
    reference.roundsKeysAndValues = true
    reference.reach = reach
    let expected = reference.run(text).logits
    let logits = try withPass(over: file, capacity: 256) { pass in
      pass.reset(reach: reach)
      return pass.read(text, waves: [7, 1, 4]).map(\.floats)
    }
    #expect(Distance.relative(logits, to: expected) < Self.tolerance(golden))
  }
}
