package import Dials
import Files
package import Foundation
package import Techniques

/// What a calibration promises, for whom, and how it was found: a file beside the adapter.
package struct ExitCertificate: Hashable, Codable, Sendable {
  /// Something by its name and the SHA-256 of its content, in lower-case hexadecimal.
  package struct Named: Hashable, Codable, Sendable {
    /// What people call it.
    package var name: String
    /// Its content's SHA-256.
    package var sha256: String

    /// Something named.
    package init(name: String, sha256: String) {
      self.name = name
      self.sha256 = sha256
    }
  }

  /// How the presets were tested.
  package struct Test: Hashable, Codable, Sendable {
    /// What the bound takes as independent.
    package var unit: ExitCalibration.Unit
    /// With `tokens`: how much more the errors of answers vary than those of independent tokens.
    package var effect: Double?
    /// The probability with which a preset's risk is below its limit; for each preset by itself.
    package var confidence: Double
    /// Answers that chose the path of settings.
    package var choosingN: Int
    /// Answers that tested it.
    package var testingN: Int
    /// Tokens of these.
    package var tokenN: Int
    /// The share of tokens that are the model's own most probable ones: 1 for its greedy answers.
    package var followed: Double
    /// Decides which answers do what.
    package var seed: UInt64

    /// A test.
    package init(
      unit: ExitCalibration.Unit, effect: Double?, confidence: Double, choosingN: Int,
      testingN: Int, tokenN: Int, followed: Double, seed: UInt64
    ) {
      self.unit = unit
      self.effect = effect
      self.confidence = confidence
      self.choosingN = choosingN
      self.testingN = testingN
      self.tokenN = tokenN
      self.followed = followed
      self.seed = seed
    }
  }

  /// The version of this form.
  package private(set) var v = 1
  /// What this is.
  package private(set) var type = Self.kind
  /// The model.
  package var model: Named
  /// The adapter; nil where there is none.
  package var adapter: Named?
  /// How tokens are drawn, in words.
  package var sampler: Named
  /// The data files.
  package var data: [Named]
  /// What the data are, in words; nil where nobody said.
  package var dataNote: String?
  /// How the presets were tested.
  package var test: Test
  /// The settings, by the presets' names.
  package var presets: [String: CertifiedSetting]

  private static let kind = "fathom.exits.certificate"

  /// A certificate.
  package init(
    model: Named, adapter: Named?, sampler: Named, data: [Named], dataNote: String? = nil,
    test: Test, presets: [String: CertifiedSetting]
  ) {
    self.model = model
    self.adapter = adapter
    self.sampler = sampler
    self.data = data
    self.dataNote = dataNote
    self.test = test
    self.presets = presets
  }

  /// Something that a certificate can be for or not.
  package enum Part: String, Hashable, Sendable, CaseIterable {
    case model
    case adapter
    case sampler
  }

  /// What is not as it was when the presets were tested; nothing, where the certificate holds.
  package func differences(
    model: String, adapter: String?, sampler: String
  ) -> [Part] {
    Part.allCases.filter { part in
      switch part {
      case .model: self.model.sha256 != model
      case .adapter: self.adapter?.sha256 != adapter
      case .sampler: self.sampler.sha256 != sampler
      }
    }
  }
}

/// A setting of the dials with what was shown of it.
package struct CertifiedSetting: Hashable, Codable, Sendable {
  /// The exits, in the notation of the setting.
  package var exit: String
  /// Above which probability the short head decides at full depth; nil where it is not used.
  package var shortHead: Float?
  /// How blocks that a token left out get their keys and values.
  package var fill: FillPolicy
  /// The risk that was tested: the share of tokens that are not full depth's.
  package var risk: Double
  /// The p-value of the test.
  package var p: Double
  /// The smallest risk that would have passed by itself.
  package var upperBound: Double
  /// The share of tokens that were full depth's, on the answers that tested.
  package var agreement: Double
  /// Its 95 % interval, by resampled answers.
  package var agreementInterval: [Double]
  /// Weight bytes of a token relative to full depth, derived; heads, probes and fill included.
  package var relativeBytes: Double
  /// Blocks of a token, fill not counted.
  package var meanBlocks: Double
  /// The share of tokens decided after each depth.
  package var exits: [String: Double]

  /// The setting that a calibration selected.
  package init(
    _ selection: ExitCalibration.Selection, depths: [Int], blockCount: Int, fill: FillPolicy
  ) {
    let dials = selection.thresholds.dials(depths: depths, fill: fill)
    exit = dials.exit.description
    shortHead = dials.shortHead
    self.fill = fill
    risk = selection.limit
    p = selection.p
    upperBound = selection.upperBound
    agreement = 1 - selection.outcome.risk
    agreementInterval = [selection.agreement.lowerBound, selection.agreement.upperBound]
    relativeBytes = selection.relativeBytes
    meanBlocks = selection.outcome.meanBlocks
    exits = [:]
    for (depth, count) in zip(depths + [blockCount], selection.outcome.exits) where count > 0 {
      exits["\(depth)"] = Double(count) / Double(max(1, selection.outcome.count))
    }
  }

  /// The dials for a model of `blockCount` blocks.
  package func dials(blockCount: Int) throws(DialError) -> DialSettings {
    let dials = DialSettings(
      exit: try ExitSetting.parse(exit, blockCount: blockCount), mode: .approximate, draft: .off,
      shortHead: shortHead, fill: fill)
    try dials.validate(blockCount: blockCount)
    return dials
  }
}

extension ExitThresholds {
  /// The dials that decide by these thresholds.
  package func dials(depths: [Int], fill: FillPolicy) -> DialSettings {
    let points = depths.indices.filter { confidence[$0] < 1 }.map {
      ExitPoint(
        depth: depths[$0], threshold: confidence[$0], gate: gate[$0] > 0 ? gate[$0] : nil)
    }
    return DialSettings(
      exit: points.isEmpty ? .off : .confidence(measure: .top1, points: points),
      mode: .approximate, draft: .off, shortHead: isOff ? nil : shortHead, fill: fill)
  }
}

// MARK: - As a file

extension ExitCertificate {
  /// Where the certificate of an adapter lies unless a person says otherwise: beside it.
  package static func path(besideAdapter path: String) -> String {
    URL(filePath: path).deletingPathExtension().path + ".certificate.json"
  }

  /// Reads a certificate and checks that it makes sense.
  package init(path: String) throws(EvaluationError) {
    let data: Data
    do { data = try FileReader.contents(of: path) } catch {
      throw EvaluationError(
        code: .missingFile,
        message: "\(path): \(error.reason). fathom calibrate makes a certificate.")
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let certificate = try? decoder.decode(Self.self, from: data),
      certificate.type == Self.kind, certificate.v == 1
    else {
      throw EvaluationError(
        code: .badCertificate,
        message: "\(path): this is not a certificate of version 1. fathom calibrate makes one.")
    }
    self = certificate
  }

  /// The certificate as text.
  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}
