import Foundation

/// How RoPE turns a block's queries and keys (arXiv 2104.09864), and how that was stretched for longer
/// texts.
package struct Rotation: Hashable, Sendable {
  /// The base of the wavelengths; nil turns nothing (NoPE, arXiv 2501.18795).
  package var base: Double?
  /// Positions are divided by this: linear scaling; 1 is off.
  package var scale = 1.0
  /// YaRN (arXiv 2309.00071): positions that the model was trained for before it was stretched; nil is off.
  package var yarnLength: Int?
  /// What queries and keys grow by.
  package var magnitude = 1.0
  /// Which divisors of the file's the angles take.
  package var factors = Factors.none

  /// Divisors of the angles that a file holds as tensors.
  package enum Factors: Hashable, Sendable {
    /// None.
    case none
    /// `rope_freqs.weight`, if the file has it (Llama 3).
    case optional
    /// One of two, for texts up to a length and for longer ones (LongRoPE, arXiv 2402.13753), if the file
    /// has them.
    case byLength(Int)
  }

  /// The angle per position, in radians, of each pair of `width` dimensions.
  func angles(width: Int, divisors: [Float]?) -> [Double] {
    guard let base else { return Array(repeating: 0, count: width / 2) }
    return (0..<width / 2).map { pair in
      let plain = pow(base, -2 * Double(pair) / Double(width)) / Double(divisors?[pair] ?? 1)
      let keeps = yarnShare(pair: pair, base: base, width: width)
      return plain / scale * (1 - keeps) + plain * keeps
    }
  }

  /// What queries and keys grow by where positions are divided by `factor` (section 3.4).
  static func yarnMagnitude(factor: Double) -> Double { factor > 1 ? 0.1 * log(factor) + 1 : 1 }

  /// How much of a pair's own angle YaRN keeps: all of what turns often within the trained length, nothing
  /// of what hardly turns.
  private func yarnShare(pair: Int, base: Double, width: Int) -> Double {
    guard let yarnLength else { return 0 }
    func place(ofTurns turns: Double) -> Double {
      Double(width) * log(Double(yarnLength) / (turns * 2 * .pi)) / (2 * log(base))
    }
    let low = max(0, place(ofTurns: 32).rounded(.down))
    let high = min(Double(width - 1), place(ofTurns: 1).rounded(.up))
    return 1 - min(1, max(0, (Double(pair) - low) / max(0.001, high - low)))
  }
}

/// How one block differs from others of its model.
package struct BlockForm: Hashable, Sendable {
  /// The last positions, its own included, that a row sees; nil where there is no window.
  package var window: Int?
  /// Which of the model's rotations it has.
  package var rotation = 0
}
