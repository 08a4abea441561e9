package import Foundation
import Techniques

/// What a calibration of the budget promises, for whom, and how it was found.
package struct BudgetCertificate: Hashable, Codable, Sendable {
  /// The version of this form.
  package private(set) var v = 1
  /// What this is.
  package private(set) var type = "fathom.budget.certificate"
  /// The model.
  package var model: ExitCertificate.Named
  /// The file of its small feed-forwards.
  package var duo: ExitCertificate.Named
  /// How tokens are drawn, in words.
  package var sampler: ExitCertificate.Named
  /// The data files.
  package var data: [ExitCertificate.Named]
  /// What the data are, in words; nil where nobody said.
  package var dataNote: String?
  /// What the bound takes as independent.
  package var unit: ExitCalibration.Unit
  /// The probability with which the risk is below its limit.
  package var confidence: Double
  /// Answers and their positions.
  package var answerN: Int
  /// Positions of these.
  package var tokenN: Int
  /// The share of tokens that are the model's own most probable ones: 1 for its greedy answers.
  package var followed: Double
  /// The share of tokens that may differ from the whole model's.
  package var risk: Double
  /// The budget, in the notation of the setting.
  package var budget: String
  /// The router's score above which a feed-forward is big.
  package var offset: Float?
  /// The share of feed-forwards that were big, on the answers that tested.
  package var share: Double
  /// Weight bytes of a token relative to the whole model's, as a row alone.
  package var relativeBytes: Double
  /// The share of tokens that were the whole model's.
  package var agreement: Double
  /// The smallest risk that would have passed.
  package var upperBound: Double

  /// The certificate of what `calibration` selected; nil where nothing passed.
  package init?(
    _ calibration: BudgetCalibration, unit: ExitCalibration.Unit, model: ExitCertificate.Named,
    duo: ExitCertificate.Named, sampler: ExitCertificate.Named, data: [ExitCertificate.Named],
    dataNote: String?
  ) {
    guard let selected = calibration.selected else { return nil }
    self.model = model
    self.duo = duo
    self.sampler = sampler
    self.data = data
    self.dataNote = dataNote
    self.unit = unit
    confidence = calibration.confidence
    answerN = selected.errors.counts.count
    tokenN = selected.errors.count
    followed = calibration.followed
    risk = calibration.limit
    budget = "\(selected.budget)"
    offset = selected.budget.offset
    share = selected.share
    relativeBytes = selected.relativeBytes
    agreement = selected.agreement
    upperBound = selected.upperBound
  }

  /// The certificate as JSON, keys in order.
  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return try encoder.encode(self) + Data("\n".utf8)
  }
}
