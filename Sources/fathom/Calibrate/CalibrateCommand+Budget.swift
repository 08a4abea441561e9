import Chat
import Evaluation
import Events
import Files
import Foundation
import Inference
import Models
import Reports
import Screen
import Training
import Transformer

/// `fathom calibrate --budget`: how few feed-forwards may be big.
extension CalibrateCommand {
  /// Reads the answers under every budget, tests the budgets one after another, and writes a certificate for
  /// the last one that passes.
  func calibrateBudget() async throws {
    let base = try TuneBase(modelOptions)
    let model = try base.model.adapted(as: modelOptions)
    let inputs = try modelOptions.inputs() + model.files + dataOptions.data
    let path = output ?? model.feedForwards.map { ExitCertificate.path(besideAdapter: $0.path) }
    try outputs.check(path, reports: [csv], from: inputs)
    let data = try await dataOptions.read()
    let found = try await cancelledBySignals {
      let texts = try answers(to: data.rows, base: base)
      let progress = ProgressLine()
      defer { progress.finish() }
      return try BudgetCalibration(
        texts, model: model, limit: budgetLimit, confidence: confidence, unit: unit
      ) { progress.draw("reading", count: $0, of: texts.count) }
    }
    try outputs.write(found.csv, to: csv, from: inputs)
    for line in found.lines { try say(line) }
    guard let path, let modules = model.feedForwards,
      let certificate = BudgetCertificate(
        found, unit: unit, model: .init(name: model.card.file, sha256: base.fingerprint),
        duo: .init(
          name: URL(filePath: modules.path).lastPathComponent,
          sha256: FileDigest.hexadecimal(ofFile: modules.path) ?? ""),
        sampler: SessionRecord.Sampler().certified,
        data: data.files.map { .init(name: $0.name, sha256: $0.sha256) }, dataNote: dataNote)
    else {
      throw EvaluationError(
        code: .tooFewAnswers,
        message:
          "No budget can be shown to differ in less than \(budgetLimit.percent(1)) of tokens: the "
          + "texts are too few or the limit is too low. Give more prompts, or a higher --risk.")
    }
    try outputs.file(path, from: inputs).write(certificate.json())
    try say(
      "--budget \(certificate.budget): with \(confidence.percent(0)) confidence less than "
        + "\(budgetLimit.percent(1)) of tokens differ from the whole model's; "
        + "weights read \(certificate.relativeBytes.percent(1))")
    try say("\(path.visible)")
  }
}
