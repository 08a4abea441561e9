/// Grades for draft tokens that come with a share of probability: eight bins, finer towards certainty.
enum ShareBin {
  private static let bounds: [Float] = [0.03, 0.07, 0.15, 0.3, 0.5, 0.75, 0.92]

  /// Tokens with less than this share are not worth a draft token.
  static let least: Float = 0.03

  /// The bin of a share.
  static func bin(of share: Float) -> Int { bounds.count { share >= $0 } }

  /// What a draft token of each bin is worth before anything is measured.
  static let chances = [0.01, 0.02, 0.05, 0.1, 0.18, 0.3, 0.42, 0.6]
}
