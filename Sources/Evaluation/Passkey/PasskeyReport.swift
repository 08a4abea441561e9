package import Dials
import Reports

/// Which hidden numbers were found, as a table, as CSV or as JSON, with the sentence that matters.
package struct PasskeyReport: RowReport {
  /// One length, depth and setting.
  package typealias Row = PasskeyTrial.Row

  private let modelFile: String
  private let settings: [ReachSetting]
  /// The rows, in order.
  package let rows: [Row]

  /// The report on what a model found under `settings`.
  package init(modelFile: String, settings: [ReachSetting], rows: [Row]) {
    self.modelFile = modelFile
    self.settings = settings
    self.rows = rows
  }

  package var csv: String {
    CSV.text(
      header: ["length", "depth", "distance", "reach", "is_in_sight", "found", "asked"],
      rows: rows.map {
        [
          "\($0.length)", "\($0.depth)", "\($0.distance)", $0.reach, "\($0.isInSight)",
          "\($0.found)", "\($0.asked)",
        ]
      })
  }

  package var lines: [String] {
    let names = settings.map { $0.isLimited ? "\($0)" : "full attention" }
    var cells: [[String]] = []
    for length in Set(rows.map(\.length)).sorted() {
      let depths = rows.filter { $0.length == length }.map(\.depth)
      for depth in Set(depths).sorted() {
        let here = rows.filter { $0.length == length && $0.depth == depth }
        cells.append(
          ["\(length)", "\(depth)", "\(here.first?.distance ?? 0)"]
            + settings.map { setting in
              here.first { $0.reach == "\(setting)" }.map { "\($0.found)/\($0.asked)" } ?? "-"
            })
      }
    }
    let table = Table(
      header: ["TOKENS", "DEPTH", "TOKENS BACK"] + names.map { $0.uppercased() }, rows: cells)
    return ["\(modelFile): numbers found"] + table.lines + settings.compactMap(verdict)
  }

  /// What a setting found in its window, and before it.
  private func verdict(_ setting: ReachSetting) -> String? {
    guard setting.isLimited else { return nil }
    let own = rows.filter { $0.reach == "\(setting)" }
    func share(_ isInSight: Bool) -> String {
      let some = own.filter { $0.isInSight == isInSight }
      let (found, asked) = (some.map(\.found).reduce(0, +), some.map(\.asked).reduce(0, +))
      return "\(found) of \(asked)"
    }
    let rest = setting.forgets ? "it has forgotten the others" : "the others it has to look up"
    return "\(setting): found \(share(true)) in its window and \(share(false)) before it; \(rest)."
  }
}
