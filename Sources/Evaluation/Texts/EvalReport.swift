package import Corpus
import Dials
import Events
import Foundation
package import Inference
import Reports
import Techniques

/// The scores of a text as a table, as CSV or as JSON.
package struct EvalReport: RowReport {
  /// One row; names after llama-perplexity.
  package struct Row: Codable {
    var buildCommit: String
    var modelFilename: String
    var modelType: String
    var text: String
    var nCtx: Int
    var nChunk: Int
    var nScored: Int
    var setting: String
    var contract: Contract
    var dials: DialSettings
    var ppl: Double
    var pplError: Double
    var meanKld: Double?
    var meanKldError: Double?
    var sameTopP: Double?
    var sameTopPError: Double?
    var readTs: Double
    var writeTs: Double?
  }

  /// The rows, in order.
  package let rows: [Row]
  private let heading: String

  /// The report on `scores` of the windows of a file, the standard input where none is named, and on how
  /// fast the model writes under each setting. `version` is the program's.
  package init(
    version: String, model: LoadedModel, file: String?, windows: TextWindows, scores: [TextScores],
    writing: [Double?]
  ) {
    rows = zip(scores, writing).map { scores, writeTs in
      let isCompared = scores.divergence.count > 0
      return Row(
        buildCommit: version, modelFilename: model.card.file,
        modelType: "\(model.card.arch) \(model.card.fileType)", text: file ?? "-",
        nCtx: windows.length, nChunk: scores.windowCount, nScored: scores.loss.count,
        setting: scores.dials.summary, contract: scores.dials.contract, dials: scores.dials,
        ppl: scores.perplexity, pplError: scores.perplexityError,
        meanKld: isCompared ? scores.divergence.mean : nil,
        meanKldError: isCompared ? scores.divergence.standardError : nil,
        sameTopP: isCompared ? scores.sameTop.mean : nil,
        sameTopPError: isCompared ? scores.sameTop.standardError : nil,
        readTs: scores.tokensPerSecond, writeTs: writeTs)
    }
    heading =
      "\(model.card.file), \(rows.first?.nChunk ?? 0) windows of \(windows.length) tokens, "
      + "\((rows.first?.nScored ?? 0).grouped) tokens scored"
  }

  package var lines: [String] { [heading] + table.lines }

  private var table: Table {
    Table(
      header: ["SETTING", "PPL", "+-", "MEAN KLD", "+-", "SAME TOP P", "+-", "T/S READ", "WRITE"],
      rows: rows.map { row in
        [
          row.setting, row.ppl.rounded(to: 4), row.pplError.rounded(to: 4),
          row.meanKld?.rounded(to: 6) ?? "-", row.meanKldError?.rounded(to: 6) ?? "-",
          row.sameTopP.map { ($0 * 100).rounded(to: 2) + " %" } ?? "-",
          row.sameTopPError.map { ($0 * 100).rounded(to: 2) + " %" } ?? "-",
          row.readTs.rounded(to: 0), row.writeTs?.rounded(to: 1) ?? "-",
        ]
      })
  }

  package var csv: String {
    let names = [
      "model_filename", "text", "n_ctx", "n_chunk", "n_scored", "setting", "contract", "ppl",
      "ppl_error", "mean_kld", "mean_kld_error", "same_top_p", "same_top_p_error", "read_ts",
      "write_ts",
    ]
    let lines = rows.map { row -> [String] in
      let numbers: [Double?] = [
        row.ppl, row.pplError, row.meanKld, row.meanKldError, row.sameTopP, row.sameTopPError,
        row.readTs, row.writeTs,
      ]
      return [
        row.modelFilename, row.text, "\(row.nCtx)", "\(row.nChunk)", "\(row.nScored)", row.setting,
        row.contract.rawValue,
      ] + numbers.map { $0.map { "\($0)" } ?? "" }
    }
    return CSV.text(header: names, rows: lines)
  }
}
