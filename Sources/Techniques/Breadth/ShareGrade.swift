/// Grades for guesses that come with a share of probability: eight bins, finer towards certainty.
enum ShareGrade {
  private static let bounds: [Float] = [0.03, 0.07, 0.15, 0.3, 0.5, 0.75, 0.92]

  /// Tokens with less than this share are not worth a guess.
  static let least: Float = 0.03

  /// The bin of a share.
  static func grade(of share: Float) -> Int { bounds.count { share >= $0 } }

  /// What a guess of each grade is worth before anything is measured.
  static let chances = [0.01, 0.02, 0.05, 0.1, 0.18, 0.3, 0.42, 0.6]
}
