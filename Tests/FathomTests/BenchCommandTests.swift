import Dials
import Foundation
import TestSupport
import Testing

@Suite(.needsProgram)
struct BenchCommandTests {
  private func bench(_ arguments: String...) async throws -> BuiltProgram.Result {
    try await withTemporaryFolder { folder in
      let path = folder + "/tiny.gguf"
      try Data(TinyModel().bytes()).write(to: URL(filePath: path))
      return try BuiltProgram.run(["bench", "-t", "1", "-m", path] + arguments)
    }
  }

  private func rows(_ result: BuiltProgram.Result) throws -> [JSONValue] {
    guard case .array(let rows) = try JSONValue(parsing: Data(result.output.utf8)) else {
      return []
    }
    return rows
  }

  @Test func `the rows and fields are those of llama-bench`() async throws {
    let result = try await bench("-p", "16", "-n", "4", "-r", "1", "-o", "json")
    #expect(result.status == 0)
    let rows = try rows(result)
    #expect(rows.map { $0["test"] } == [.string("pp16"), .string("tg4")])
    let names = [
      "build_commit", "cpu_info", "model_filename", "model_type", "model_size", "model_n_params",
      "n_threads", "n_prompt", "n_gen", "n_depth", "test_time", "avg_ns", "stddev_ns", "avg_ts",
      "stddev_ts", "samples_ns", "samples_ts",
    ]
    for row in rows {
      for name in names { #expect(row[name] != nil, "\(name)") }
      #expect(row["n_threads"] == .number(1))
      #expect(row["stddev_ns"] == .number(0))
      #expect(row["avg_ts"] == row["median_ts"])
    }
    #expect(rows.map { $0["n_prompt"] } == [.number(16), .number(0)])
    #expect(rows.map { $0["n_gen"] } == [.number(0), .number(4)])
  }

  @Test func `lists give a test each, at each depth, with as many samples as repetitions`()
    async throws
  {
    let result = try await bench(
      "-p", "8,200", "-n", "0", "-d", "0,30", "-r", "3", "-o", "json")
    let rows = try rows(result)
    let names = ["pp8", "pp200", "pp8 @ d30", "pp200 @ d30"]
    #expect(rows.map { $0["test"] } == names.map { .string($0) })
    for row in rows {
      guard case .array(let samples)? = row["samples_ns"] else {
        Issue.record("a row has samples")
        continue
      }
      #expect(samples.count == 3)
      guard case .number(let average)? = row["avg_ns"] else { continue }
      let values = samples.compactMap { if case .number(let value) = $0 { value } else { nil } }
      #expect(abs(average - values.reduce(0, +) / 3) < 1)
    }
  }

  @Test func `the table has a line for each test`() async throws {
    let result = try await bench("-p", "8", "-n", "2", "-r", "2")
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    let lines = result.output.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("| llama F32 |") } == 2)
    #expect(lines.contains { $0.contains("| pp8 |") })
    #expect(lines.contains { $0.contains("| tg2 |") })
    #expect(result.output.contains("2 repetitions after one warm-up"))
  }

  @Test
  func `the report says which machine, model and version, how long loading took, how much memory`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let path = folder + "/tiny.gguf"
      try Data(TinyModel().bytes()).write(to: URL(filePath: path))
      let (json, markdown) = (folder + "/bench.json", folder + "/bench.md")
      let arguments = ["-p", "16", "-n", "4", "-r", "1", "--json", json, "--markdown", markdown]
      let result = try BuiltProgram.run(["bench", "-t", "1", "-m", path] + arguments)
      #expect(result.status == 0)
      #expect(try String(contentsOfFile: markdown, encoding: .utf8) == result.output)
      let report = try JSONValue(parsing: Data(contentsOf: URL(filePath: json)))
      #expect(report["model_filename"] == .string("tiny.gguf"))
      #expect(report["n_threads"] == .number(1))
      for name in ["version", "date", "os", "cpu_info", "simd", "tests"] {
        #expect(report[name] != nil, "\(name)")
      }
      let load = try #require(report["load"])
      let steps = try ["open_ms", "tokenizer_ms", "repack_ms", "first_token_ms"].map {
        try number(load, $0)
      }
      #expect(steps.allSatisfy { $0 > 0 })
      #expect(abs(steps.reduce(0, +) - (try number(load, "total_ms"))) < 1e-6)
      let memory = try #require(report["memory"])
      #expect(try number(memory, "peak_bytes") >= number(memory, "resident_bytes"))
      // 16 positions, 4 blocks, 2 heads of 16: codes of keys and values, and two scales.
      #expect(try number(memory, "cache_bytes") == 16 * 4 * 2 * (16 + 16 + 4))
    }
  }

  private func number(_ value: JSONValue, _ name: String) throws -> Double {
    guard case .number(let number)? = value[name] else { throw Missing() }
    return number
  }

  private struct Missing: Error {}

  @Test
  func `a report that cannot be written is an error, and the figures are printed all the same`()
    async throws
  {
    let result = try await bench("-p", "8", "-n", "0", "-r", "1", "--json", "/dev/full")
    #expect(result.status == 74)
    #expect(result.output.contains("| pp8 |"))
    #expect(result.errors.contains("/dev/full: No space left"))
  }

  @Test func `a report for which there is no folder is told before anything is measured`()
    async throws
  {
    let result = try await bench("-p", "8", "-n", "0", "-r", "1", "--json", "/nowhere/bench.json")
    #expect(result.status == 73)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("/nowhere/bench.json"))
  }

  @Test func `what cannot be measured is wrong usage`() async throws {
    for arguments in [
      ["-p", "x"], ["-p", "8,"], ["-n", "-1"], ["-r", "0"], ["-o", "xml"], ["-p", "0", "-n", "0"],
    ] {
      let result = try await withTemporaryFolder { folder in
        let path = folder + "/tiny.gguf"
        try Data(TinyModel().bytes()).write(to: URL(filePath: path))
        return try BuiltProgram.run(["bench", "-m", path] + arguments)
      }
      #expect(result.status == 64, "\(arguments)")
      #expect(result.output.isEmpty)
      #expect(!result.errors.isEmpty)
    }
    #expect(try BuiltProgram.run(["bench", "-m", "/nowhere.gguf"]).status == 66)
  }
}
