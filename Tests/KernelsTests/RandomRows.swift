import Kernels
import TestSupport

/// What the numbers of a row look like.
enum RowKind: CaseIterable {
  /// Bell-shaped, of deviation 1.
  case plain
  /// Bell-shaped, with a value some hundred times as large in about one group of four.
  case outliers
  /// Nothing but zeros, of both signs.
  case zeros
  /// Zeros with a plain group here and there.
  case sparse
  /// Numbers of small sizes, down to those that a float can hardly hold.
  case tiny
  /// Numbers near the largest that a float can hold.
  case huge
  /// Each group holds its largest value with both signs.
  case extremes

  /// `count` numbers of this kind.
  func numbers(_ count: Int, using generator: inout SeededGenerator) -> [Float] {
    let outlier = Int.random(in: 0..<32, using: &generator)
    return (0..<count).map { k in
      let x = generator.nextNormal()
      let isChosen = (k / 32 + outlier) % 4 == 0
      switch self {
      case .plain: return x
      case .outliers: return isChosen && k % 32 == outlier ? x * 400 : x
      case .zeros: return x < 0 ? -0.0 : 0
      case .sparse: return isChosen ? x : 0
      case .tiny:
        return x * Float(sign: .plus, exponent: -90 - k / 32 * 7 % 45, significand: 1)
      case .huge: return x / 4 * .greatestFiniteMagnitude
      case .extremes: return k % 16 == outlier % 16 ? (k % 32 < 16 ? 3.6 : -3.6) : x
      }
    }
  }
}

extension ActivationRows {
  /// Rows that hold these numbers.
  init(_ rows: [[Float]], in arena: Arena) {
    self.init(capacity: rows.count, columns: rows.first?.count ?? 0, in: arena)
    for (index, numbers) in rows.enumerated() {
      row(index).update(from: numbers, count: numbers.count)
    }
  }

  /// `count` random rows, of every kind in turn.
  init(
    count: Int, columns: Int, kinds: [RowKind] = RowKind.allCases, in arena: Arena,
    using generator: inout SeededGenerator
  ) {
    var rows: [[Float]] = []
    for index in 0..<count {
      rows.append(kinds[index % kinds.count].numbers(columns, using: &generator))
    }
    self.init(rows, in: arena)
  }

  /// The bit patterns of the first `count` floats of a row.
  func bits(_ index: Int, count: Int) -> [UInt32] { (0..<count).map { row(index)[$0].bitPattern } }
}

extension Sequence<Float> {
  /// The bit patterns: what "the same" means here.
  var bits: [UInt32] { map(\.bitPattern) }
}
