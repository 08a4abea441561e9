import Foundation

/// What RoPE turns by: for each of a model's rotations the angle per position of each pair.
package struct RotaryTables: Sendable {
  /// Pairs of a head that are turned.
  package let pairCount: Int
  /// The angles, in radians per position, [rotation][pair], of texts up to `longestShort` positions and
  /// of longer ones.
  private let short: [[Double]]
  private let long: [[Double]]
  /// The longest text for which the first of them hold.
  private let longestShort: Int
  /// What queries and keys grow by, [rotation].
  private let magnitudes: [Double]

  /// How many rotations there are.
  var count: Int { short.count }

  /// The tensors that a model may have for its angles.
  static func names(of blueprint: Blueprint) -> Set<String> {
    var names: Set<String> = []
    for rotation in blueprint.rotations {
      switch rotation.factors {
      case .none: break
      case .optional: names.insert(Self.everywhere)
      case .byLength: names.formUnion([Self.everywhere, Self.ofShort, Self.ofLong])
      }
    }
    return names
  }

  private static let everywhere = "rope_freqs.weight"
  private static let ofShort = "rope_factors_short.weight"
  private static let ofLong = "rope_factors_long.weight"

  init(_ blueprint: Blueprint, from reader: TensorReader) throws(ModelError) {
    let (pairs, width) = (blueprint.rotatedWidth / 2, blueprint.rotatedWidth)
    pairCount = pairs
    var (short, long): ([[Double]], [[Double]]) = ([], [])
    var longestShort = Int.max
    for rotation in blueprint.rotations {
      var divisors: (short: [Float]?, long: [Float]?) = (nil, nil)
      if rotation.factors != .none, let all = try reader.positiveVector(Self.everywhere, pairs) {
        divisors = (all, all)
      } else if case .byLength(let length) = rotation.factors {
        divisors.short = try reader.positiveVector(Self.ofShort, pairs)
        divisors.long = try reader.positiveVector(Self.ofLong, pairs)
        longestShort = length
      }
      short.append(rotation.angles(width: width, divisors: divisors.short))
      long.append(rotation.angles(width: width, divisors: divisors.long))
    }
    (self.short, self.long, self.longestShort) = (short, long, longestShort)
    magnitudes = blueprint.rotations.map(\.magnitude)
  }

  /// The angles of one rotation, in radians per position, in texts of up to `length` positions.
  package func angles(rotation: Int = 0, length: Int = 0) -> [Double] {
    (length > longestShort ? long : short)[rotation]
  }

  /// Writes cosines and sines of a position's angles, [rotation, pair] each, for texts of up to `length`
  /// positions. The angles are worked out in double precision: they are good to 1e-7 up to a billion
  /// positions. What queries and keys grow by is in them, to the power `growth`.
  func turn(
    by position: Int, length: Int, growth: Double = 1, cosines: UnsafeMutablePointer<Float>,
    sines: UnsafeMutablePointer<Float>
  ) {
    for rotation in 0..<count {
      let magnitude = magnitudes[rotation] == 1 ? 1 : pow(magnitudes[rotation], growth)
      for (pair, angle) in angles(rotation: rotation, length: length).enumerated() {
        let (turn, index) = (angle * Double(position), rotation * pairCount + pair)
        cosines[index] = Float(cos(turn) * magnitude)
        sines[index] = Float(sin(turn) * magnitude)
      }
    }
  }
}
