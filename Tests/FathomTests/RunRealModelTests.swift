import Dials
import Events
import Foundation
import Techniques
import TestSupport
import Testing

/// `fathom run` with the default model, where it lies on this machine.
@Suite(
  .needsProgram,
  .needsModel, .serialized)
struct RunRealModelTests {
  private func run(
    _ arguments: String..., input: String = "", variables: [String: String] = [:]
  ) throws -> BuiltProgram.Result {
    let model = try #require(SharedData.model)
    return try BuiltProgram.run(
      ["run", "-t", "1", "-m", model, "--temp", "0"] + arguments, variables: variables,
      input: input)
  }

  @Test func `the capital of Australia is Canberra, and nothing else is said`() throws {
    let said = try run("-p", "What is the capital of Australia?")
    #expect(said.status == 0)
    #expect(said.output == "The capital of Australia is Canberra.\n")
    #expect(said.errors.hasPrefix("Stats: "))
    let piped = try run(input: "What is the capital of Australia?")
    #expect(piped.output == said.output)
  }

  @Test func `approximate records replay without the model`() throws {
    let result = try run(
      "-p", "What is the capital of Australia?", "-n", "12", "--json", "--exit-policy",
      "top1 0.6 at 15,20,25", "--mode", "approximate")
    let records = try EventLog.records(in: Data(result.output.utf8))
    guard case .session(let session)? = records.first else {
      Issue.record("the first record is the session's")
      return
    }
    let policy = Catalogue.depthPolicy(for: session.policy, blockCount: session.model.nLayer)
    var early = 0
    var checked = 0
    for case .token(let token) in records where token.i > 0 {
      let replay = DepthReplay(
        of: policy, along: session.policy.route, blockCount: session.model.nLayer,
        evidence: token.exit.evidence)
      #expect(replay.isComplete)
      #expect(replay.line == token.depth)
      early += token.exit.reason == .threshold ? 1 : 0
      checked += 1
    }
    #expect(early > 0)
    // The whole model is asked once; the lens only where somebody asks for it.
    let lines = records.compactMap { record in
      if case .check(let check) = record { check.line } else { nil }
    }
    #expect(lines.map(\.count) == [checked + 1])
    #expect(!records.contains { $0.type == "probe" })
  }

  @Test func `the scalar kernels give the text of the fastest`() throws {
    let arguments = "What is the capital of Australia?"
    let fastest = try run("-p", arguments, "-n", "3")
    let scalar = try run("-p", arguments, "-n", "3", variables: ["FATHOM_SIMD": "scalar"])
    #expect(scalar.output == fastest.output)
    #expect(scalar.output == "The capital of\n")
  }
}
