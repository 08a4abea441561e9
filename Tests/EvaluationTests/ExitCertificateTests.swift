import Dials
import Evaluation
import Foundation
import Techniques
import TestSupport
import Testing

struct ExitCertificateTests {
  private func certificate() -> ExitCertificate {
    ExitCertificate(
      model: .init(name: "m.gguf", sha256: "aa"), adapter: .init(name: "a.gguf", sha256: "bb"),
      sampler: .init(name: "greedy", sha256: "cc"), data: [.init(name: "d.jsonl", sha256: "dd")],
      test: .init(
        unit: .tokens, effect: 1.5, confidence: 0.95, choosingN: 10, testingN: 11, tokenN: 900,
        followed: 1, seed: 3),
      presets: ["balanced": setting()])
  }

  private func setting() -> CertifiedSetting {
    let outcome = ExitOutcome()
    return CertifiedSetting(
      ExitCalibration.Selection(
        limit: 0.05,
        thresholds: ExitThresholds(confidence: [1, 0.8], gate: [0, 0], shortHead: 0.7),
        outcome: outcome, p: 0.01, upperBound: 0.04, relativeBytes: 0.8, agreement: 0.96...0.98),
      depths: [2, 3], blockCount: 4, fill: .catchUp)
  }

  @Test func `a certificate is for one model, one adapter and one sampler, and says what differs`()
  {
    let certificate = certificate()
    #expect(certificate.differences(model: "aa", adapter: "bb", sampler: "cc").isEmpty)
    #expect(certificate.differences(model: "ax", adapter: "bb", sampler: "cc") == [.model])
    #expect(certificate.differences(model: "aa", adapter: nil, sampler: "cc") == [.adapter])
    #expect(
      certificate.differences(model: "aa", adapter: "bx", sampler: "cx") == [.adapter, .sampler])
  }

  @Test func `a file holds all of it, and its settings are dials that a model can have`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let path = folder + "/exits.certificate.json"
      #expect(ExitCertificate.path(besideAdapter: folder + "/exits.gguf") == path)
      try certificate().json().write(to: URL(filePath: path))
      let read = try ExitCertificate(path: path)
      #expect(read == certificate())
      let dials = try #require(read.presets["balanced"]).dials(blockCount: 4)
      #expect(dials.exit.description == "top1 0.8 at 3")
      #expect(dials.shortHead == 0.7 && dials.fill == .catchUp && dials.contract == .approximate)
      #expect(throws: DialError.self) { try read.presets["balanced"]?.dials(blockCount: 3) }
    }
  }

  @Test func `what is no certificate is refused with a reason`() async throws {
    try await withTemporaryFolder { folder in
      #expect(throws: EvaluationError.self) { try ExitCertificate(path: folder + "/none.json") }
      for text in ["", "{}", "[1]", #"{"type":"fathom.pruning","v":1}"#] {
        try Data(text.utf8).write(to: URL(filePath: folder + "/bad.json"))
        #expect(throws: EvaluationError.self) { try ExitCertificate(path: folder + "/bad.json") }
      }
      let newer = String(decoding: try certificate().json(), as: UTF8.self)
        .replacing("\"v\" : 1", with: "\"v\" : 2")
      try Data(newer.utf8).write(to: URL(filePath: folder + "/newer.json"))
      #expect(throws: EvaluationError.self) { try ExitCertificate(path: folder + "/newer.json") }
    }
  }
}
