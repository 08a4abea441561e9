package import Corpus
package import Dials
import Foundation
import Models

/// The text by which blocks are judged: token sequences of one length, and where they come from.
package struct CalibrationSample: Hashable, Sendable {
  /// The sequences, all of one length.
  package let sequences: [[TokenID]]
  /// What the manifest says about the text.
  package let provenance: CalibrationProvenance

  /// Sequences of one length, 2 or more.
  package init(sequences: [[TokenID]], provenance: CalibrationProvenance) {
    self.sequences = sequences
    self.provenance = provenance
  }

  /// Cuts texts into sequences of `length` and draws `count` of them, as many from each text as from
  /// any other (the earlier ones give one more where it does not come out even).
  ///
  /// The draw depends on the seed alone, and the sequences keep their order; texts take turns, so that
  /// the first sequences are of all kinds.
  package init(
    texts: [CalibrationText], count: Int, length: Int, seed: UInt64
  ) throws(PruningError) {
    var drawnTexts: [[[TokenID]]] = []
    var sources: [CalibrationProvenance.Source] = []
    for (index, text) in texts.enumerated() {
      let wanted = count / texts.count + (index < count % texts.count ? 1 : 0)
      let available = text.tokens.count / length
      guard available >= wanted, wanted > 0 else {
        throw PruningError(
          .tooShort, place: text.name,
          "the calibration text has \(text.tokens.count) tokens; \(wanted) sequences of \(length) "
            + "need \(wanted * length). Give a longer text, or fewer or shorter sequences.")
      }
      var generator = SplitMix64(seed: seed &+ UInt64(index))
      let drawn = (0..<available).shuffled(using: &generator).prefix(wanted).sorted()
      drawnTexts.append(drawn.map { Array(text.tokens[$0 * length..<($0 + 1) * length]) })
      sources.append(CalibrationProvenance.Source(name: text.name, sequences: drawn))
    }
    let longest = drawnTexts.map(\.count).max() ?? 0
    sequences = (0..<longest).flatMap { turn in
      drawnTexts.compactMap { $0.indices.contains(turn) ? $0[turn] : nil }
    }
    provenance = CalibrationProvenance(
      sources: sources, sequenceLength: length, seed: seed, sha256: Self.digest(of: sequences))
  }

  /// Tokens that have a successor to be judged by.
  package var scoredCount: Int { sequences.reduce(0) { $0 + $1.count - 1 } }

  /// The SHA-256 of the token ids, 4 bytes each, the lowest first.
  package static func digest(of sequences: [[TokenID]]) -> String {
    var digest = FileDigest()
    for token in sequences.joined() {
      withUnsafeBytes(of: token.rawValue.littleEndian) { digest.add($0) }
    }
    return digest.hexadecimal
  }
}

/// Which text calibrated a search: enough to draw the same sample again, and to tell it from another.
package struct CalibrationProvenance: Hashable, Codable, Sendable {
  /// Sequences of one text.
  package struct Source: Hashable, Codable, Sendable {
    /// The file's name, or what the text is.
    package var name: String
    /// Which sequences were drawn, counted from 0 in steps of the length.
    package var sequences: [Int]

    /// Sequences of a text.
    package init(name: String, sequences: [Int]) {
      self.name = name
      self.sequences = sequences
    }
  }

  /// The texts.
  package var sources: [Source]
  /// Tokens in a sequence.
  package var sequenceLength: Int
  /// The seed of the draw.
  package var seed: UInt64
  /// The SHA-256 of all token ids.
  package var sha256: String
}
