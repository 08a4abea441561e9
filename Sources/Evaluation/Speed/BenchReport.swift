import Events
import Foundation
import Inference
import Kernels
import Reports
import Transformer

/// All that `fathom bench` finds: which machine, which model, how fast, how large.
package struct BenchReport: Codable {
  /// Milliseconds until the model was ready, and until its first token.
  struct Load: Codable {
    var openMs: Double
    var tokenizerMs: Double
    var repackMs: Double
    var firstTokenMs: Double
    var totalMs: Double

    init(_ load: SessionRecord.Load, firstToken: Double) {
      openMs = load.openMs
      tokenizerMs = load.tokenizerMs
      repackMs = load.repackMs
      firstTokenMs = firstToken
      totalMs = load.totalMs + firstToken
    }
  }

  /// Bytes in the machine's memory, after the tests and at their highest, beside what must be there:
  /// repacked weights, and keys and values of the longest test. `fileBytes` are the pages of libraries
  /// among them.
  struct Memory: Codable {
    var residentBytes: Int
    var peakBytes: Int
    var fileBytes: Int
    var weightBytes: Int
    var cacheBytes: Int
    var residentRatio: Double
    var peakRatio: Double

    init(_ memory: ResidentMemory, weightBytes: Int, cacheBytes: Int) {
      residentBytes = memory.current
      peakBytes = memory.peak
      fileBytes = memory.files
      self.weightBytes = weightBytes
      self.cacheBytes = cacheBytes
      let needed = Double(max(1, weightBytes + cacheBytes))
      residentRatio = Double(memory.current) / needed
      peakRatio = Double(memory.peak) / needed
    }
  }

  /// What passes of n rows cost, in passes of one row.
  struct RowCosts: Codable {
    /// The same behind a longer text.
    struct Deeper: Codable {
      var depth: Int
      var costs: [Double]
    }

    var rows: [Int]
    var costs: [Double]
    /// At each depth that was asked for.
    var deeper: [Deeper]
    /// By which the trees of a session are sized: the table of the kernels.
    var fixedCosts: [Double]
    /// As a session measures it that sizes them by the clock.
    var quickCosts: [Double]
    /// How long that took.
    var quickMs: Double

    init(
      _ table: CostTable, deeper: [Deeper], fixed: CostTable, quick: CostTable, quickMs: Double
    ) {
      rows = CostTable.measuredCounts
      costs = table.costs
      self.deeper = deeper
      fixedCosts = fixed.costs
      quickCosts = quick.costs
      self.quickMs = quickMs
    }
  }

  var version: String
  var date = Date().formatted(.iso8601)
  var os = Host.system
  var cpuInfo = Host.processor
  var nThreads: Int
  /// The share of tasks for which there were fewer processors than threads.
  var shareOnFewerThreads: Double
  var simd: String
  var modelFilename: String
  var modelType: String
  var repetitions: Int
  /// The rows of llama-bench.
  package var tests: [BenchRow]
  var load: Load
  var memory: Memory?
  var rowCosts: RowCosts
  var limits: MachineLimits

  init(
    version: String, model: LoadedModel, repetitions: Int, tests: [BenchRow], load: Load,
    memory: Memory?, rowCosts: RowCosts, limits: MachineLimits
  ) {
    self.limits = limits
    self.version = version
    nThreads = model.pool.count
    shareOnFewerThreads = model.pool.turnoutSoFar.shortShare
    simd = model.kernels.description
    modelFilename = model.card.file
    modelType = "\(model.card.arch) \(model.card.fileType)"
    self.repetitions = repetitions
    self.tests = tests
    self.load = load
    self.memory = memory
    self.rowCosts = rowCosts
  }
}

extension BenchReport {
  /// The report as people read it: the table of llama-bench, and a line for everything else.
  package var markdown: String {
    let table = MarkdownTable(
      ["model", "size", "params", "threads", "simd", "test", "t/s (median)", "min … max"],
      words: ["model", "simd"],
      rows: tests.map { row in
        let (low, high) = (row.samplesTs.min() ?? 0, row.samplesTs.max() ?? 0)
        return [
          row.modelType, row.modelSize.megabytes, row.modelNParams.grouped, "\(row.nThreads)",
          row.simd, row.test, row.medianTs.rounded(to: 2),
          "\(low.rounded(to: 2)) … \(high.rounded(to: 2))",
        ]
      })
    var lines = table.lines
    lines += [
      "",
      "Fathom \(version), \(cpuInfo) (\(os)), \(nThreads) threads, \(simd), \(modelFilename.visible); "
        + "\(repetitions) repetitions after one warm-up.", "", "- \(load.sentence)",
    ]
    if shareOnFewerThreads >= 0.01 {
      lines.append(
        "- Other programs held processors: \((100 * shareOnFewerThreads).rounded(to: 0)) % of the work "
          + "ran on fewer threads.")
    }
    if let memory { lines.append("- \(memory.sentence)") }
    lines.append("- \(rowCosts.sentence)")
    lines.append("- \(limits.sentence)\(shares)")
    return lines.joined(separator: "\n") + "\n"
  }
}

extension BenchReport {
  /// How near the tests come to the limits: prompts to that of products, writing to that of the memory.
  private var shares: String {
    let shares = tests.compactMap { row -> String? in
      let (rate, limit) =
        row.nPrompt > 0
        ? (row.macsPerSecond, limits.macsPerSecond)
        : (row.bytesPerSecond, limits.bytesPerSecond)
      guard let limit, limit > 0 else { return nil }
      return "\(row.test) \((100 * rate / limit).rounded(to: 0)) %"
    }
    if shares.isEmpty { return "" }
    return " Of these, prompts of the products and writing of the bytes, weights alone: "
      + shares.joined(separator: ", ") + "."
  }
}

extension MachineLimits {
  fileprivate var sentence: String {
    let bytes = "\((bytesPerSecond / 1e9).rounded(to: 1)) GB/s from memory"
    guard let macsPerSecond else { return "The machine can read \(bytes)." }
    return "The machine can read \(bytes), and multiply and add "
      + "\((macsPerSecond / 1e9).rounded(to: 0)) billion bytes in a second in registers."
  }
}

extension BenchReport.Load {
  fileprivate var sentence: String {
    "Load to first token: \(totalMs.rounded(to: 0)) ms (file \(openMs.rounded(to: 0)), tokenizer "
      + "\(tokenizerMs.rounded(to: 0)), repacking \(repackMs.rounded(to: 0)), first token "
      + "\(firstTokenMs.rounded(to: 0)))."
  }
}

extension BenchReport.Memory {
  fileprivate var sentence: String {
    "Resident memory: \(residentBytes.megabytes) (\(fileBytes.megabytes) of it libraries), at most "
      + "\(peakBytes.megabytes); repacked weights \(weightBytes.megabytes) and keys and values "
      + "\(cacheBytes.megabytes): \(residentRatio.rounded(to: 2)) x, at most "
      + "\(peakRatio.rounded(to: 2)) x."
  }
}

extension BenchReport.RowCosts {
  fileprivate var sentence: String {
    "A pass of n rows, in passes of one row: \(list(costs)); by the table that sizes trees: "
      + "\(list(fixedCosts)); as auto-timed measures it in \(quickMs.rounded(to: 1)) ms: "
      + "\(list(quickCosts))."
      + deeper.map { " Behind \($0.depth) positions: \(list($0.costs))." }.joined()
  }

  private func list(_ costs: [Double]) -> String {
    zip(rows, costs).map { "\($0): \($1.rounded(to: 2))" }.joined(separator: ", ")
  }
}
