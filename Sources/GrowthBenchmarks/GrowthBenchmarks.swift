import Files
import Foundation
import Reports

/// Measures how time and memory grow with the length of an input: `make bench-growth`.
///
/// Prints a table of exponents, and fails where one is too large. `--model FILE` names a model whose
/// vocabulary is byte-level; further words choose workloads whose names hold one of them.
@main
struct GrowthBenchmarks {
  /// Where files of workloads lie; removed at the end.
  static let folder = FileManager.default.temporaryDirectory
    .appending(path: "growth-\(UUID().uuidString)")

  static func main() throws {
    let steep = try measured()
    try? FileManager.default.removeItem(at: folder)
    guard steep.isEmpty else {
      let limit = Numbers.fixed(Measurement.limit, 2)
      try StandardStreams.write("\nToo steep, over n^\(limit): \(steep.joined(separator: "; "))\n")
      exit(1)
    }
  }

  /// Measures what the command line names, prints the table, and returns what grows too fast.
  private static func measured() throws -> [String] {
    var words = Array(CommandLine.arguments.dropFirst())
    var model: String?
    if let place = words.firstIndex(of: "--model"), place + 1 < words.count {
      model = words[place + 1]
      words.removeSubrange(place...place + 1)
    }
    let workloads = try textWorkloads(model: model) + screenWorkloads() + sessionWorkloads()
    let header = ["workload", "n", "sizes", "milliseconds", "exponent", "bytes/n"]
    try write(header)
    try write(header.map { _ in "---" })
    var steep: [String] = []
    for workload in workloads
    where words.isEmpty || words.contains(where: workload.name.contains) {
      let measurement = try Measurement(workload)
      try write(measurement.cells)
      if measurement.isTooSteep { steep.append(workload.name) }
    }
    return steep
  }

  private static func write(_ cells: [String]) throws {
    try StandardStreams.write("| " + cells.joined(separator: " | ") + " |\n")
  }
}
