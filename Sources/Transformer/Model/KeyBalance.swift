import GGUF

/// Powers of two by which keys are divided and queries multiplied, so that eight bits serve keys better.
///
/// The cache rounds the whole key of a head with one step. Where some of its dimensions are far larger
/// than others, as in Qwen2 for the sake of a bias, the step is too coarse for the small ones. Scores do
/// not change when a dimension of the key is divided by what the query's is multiplied by, and RoPE
/// allows it where both dimensions of a pair have the same. A step's error in the score is least
/// where the factor is √(key / query), by the inequality of Cauchy and Schwarz. How large keys and queries are
/// is told by their biases and weights, or by the gains of their norms. Powers of two change no bit
/// but those that are rounded away.
struct KeyBalance: Hashable, Sendable {
  /// For each dimension of a row's keys, in the order of the pass; the same for both of a pair.
  let factors: [Float]
  private let headWidth: Int
  private let groupSize: Int

  /// Those of a block of the model in `file`; nil where nothing tells how large its keys are.
  init?(block: Int, of blueprint: Blueprint, in file: GGUFFile) {
    headWidth = blueprint.headWidth
    groupSize = blueprint.groupSize
    guard let keys = Self.sizes(of: .key, block, blueprint, file),
      let queries = Self.sizes(of: .query, block, blueprint, file)
    else { return nil }
    let (width, group) = (headWidth, groupSize)
    factors = keys.indices.map { index in
      let (head, place) = index.quotientAndRemainder(dividingBy: width)
      // Both dimensions of a pair, and the queries of all heads that share the key.
      let pair = place < blueprint.rotatedWidth ? place & ~1..<(place & ~1) + 2 : place..<place + 1
      let key = pair.reduce(0) { $0 + keys[head * width + $1] }
      let query = (head * group..<(head + 1) * group).reduce(0) { sum, head in
        pair.reduce(sum) { $0 + queries[head * width + $1] }
      }
      return Self.powerOfTwo(key * Double(group) / query)
    }
  }

  /// The power of two nearest to the fourth root: of squares both the ratio and its root are taken.
  private static func powerOfTwo(_ ratio: Double) -> Float {
    guard ratio.isFinite, ratio > 0 else { return 1 }
    let root = ratio.squareRoot().squareRoot()
    let exponent = root.exponent + (root.significand >= 2.0.squareRoot() ? 1 : 0)
    return Float(sign: .plus, exponent: Int(max(-8, min(8, exponent))), significand: 1)
  }

  /// What each dimension of the queries, [queryWidth], is multiplied by.
  var queryFactors: [Float] {
    (0..<factors.count * groupSize).map { index in
      let (head, place) = index.quotientAndRemainder(dividingBy: headWidth)
      return factors[head / groupSize * headWidth + place]
    }
  }

  /// The squares of how large the dimensions are in the mean, in the order of the pass.
  private static func sizes(
    of part: BlockPart, _ block: Int, _ blueprint: Blueprint, _ file: GGUFFile
  ) -> [Double]? {
    let norm: BlockPart = part == .query ? .queryNorm : .keyNorm
    let heads = part == .query ? blueprint.headCount : blueprint.keyValueHeadCount
    switch blueprint.architecture.queryKeyNorm {
    case .wholeRow: return nil
    case .perHead:
      let gains = numbers(blueprint.place(of: norm).name(block: block), file)
      guard let gains, let order = order(norm, blueprint, gains.count) else { return nil }
      let squares = order.map { Double(gains[$0]) * Double(gains[$0]) }
      return (0..<heads).flatMap { _ in squares }
    case .none:
      let place = blueprint.place(of: part)
      guard blueprint.mayHaveBias(part), let bias = numbers(place.biasName(block: block), file),
        let weights = numbers(place.name(block: block), file),
        let gains = numbers(blueprint.place(of: .attentionNorm).name(block: block), file),
        let order = order(part, blueprint, bias.count)
      else { return nil }
      return order.map { row in
        let products = gains.indices.reduce(0.0) {
          let product = Double(weights[row * gains.count + $1]) * Double(gains[$1])
          return $0 + product * product
        }
        return products + Double(bias[row]) * Double(bias[row])
      }
    }
  }

  private static func numbers(_ name: String, _ file: GGUFFile) -> [Float]? {
    file.tensor(named: name).map { file.dequantize($0) }
  }

  private static func order(_ part: BlockPart, _ blueprint: Blueprint, _ count: Int) -> [Int]? {
    blueprint.rowOrder(of: part).map { $0.map(Int.init) } ?? Array(0..<count)
  }
}
