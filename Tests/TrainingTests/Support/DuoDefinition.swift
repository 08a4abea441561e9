import Dials
import Training
import Transformer

/// The routed toy by its definition, in double precision.
struct DuoDefinition {
  let base: BaseDefinition
  let text: TrainingText
  let small: [[Int]]
  /// The whole model's distributions at the positions that are learnt, as the cache has them.
  let whole: Rows

  /// `first` is where the text's positions begin in the teacher's cache.
  init(
    _ base: TinyBase, text: TrainingText, small: [[Int]] = [], teacher: HiddenCache, first: Int = 0
  ) {
    self.base = BaseDefinition(base, factor: 1)
    self.text = text
    self.small = small
    whole = text.positions.indices.map { position in
      let top = teacher.teacherTopK([first + position])
      var row = Array(repeating: 0.0, count: 300)
      for (token, probability) in zip(top.ids, top.probabilities) {
        row[Int(token)] = Double(probability)
      }
      return row
    }
  }

  /// The mean divergence from the whole model at the positions that are learnt.
  func loss(_ values: [String: Rows]) -> Double {
    var routed = base
    routed.feedForward = { block, x in
      let (big, small) = (base.bigFeedForward(block, x), feedForward(block, x, values))
      return x.indices.map { self.small[block].contains($0) ? small[$0] : big[$0] }
    }
    return divergence(routed)
  }

  /// The mean divergence where every learnt position takes a mixture in the shares that `routers` say, and
  /// the sum of these shares.
  func mixture(
    _ values: [String: Rows], routers: [String: Rows], sharpness: Double
  ) -> (divergence: Double, shareSum: Double) {
    var sum = 0.0
    var mixed = base
    mixed.feedForward = { block, x in
      var y = base.bigFeedForward(block, x)
      let biasInput = Double(x[0].count).squareRoot()
      let small = feedForward(block, x, values)
      let (weight, bias) = (
        routers["duo.\(block).router.weight"] ?? [], routers["duo.\(block).router.bias"] ?? []
      )
      for row in text.positions {
        let score = Definition.linear([x[row]], weight)[0][0] + biasInput * bias[0][0]
        let share = Definition.sigmoid(sharpness * score)
        sum += share
        y[row] = zip(y[row], small[row]).map { share * $0 + (1 - share) * $1 }
      }
      return y
    }
    return (divergence(mixed), sum)
  }

  /// The mean divergence of a model from the whole one.
  private func divergence(_ model: BaseDefinition) -> Double {
    let q = model.probabilities(text.tokens)
    let losses = zip(whole, text.positions).map { p, row in
      zip(p, q[row]).reduce(0) { $0 + $1.0 * (logarithm($1.0) - logarithm($1.1)) }
    }
    return losses.reduce(0, +) / Double(losses.count)
  }

  private func feedForward(_ block: Int, _ x: Rows, _ values: [String: Rows]) -> Rows {
    func matrix(_ part: SmallFeedForwardShape.Part) -> Rows {
      values["duo.\(block).\(part.rawValue)"] ?? []
    }
    var units = Definition.swiglu(
      Definition.linear(x, matrix(.ffnGate)), Definition.linear(x, matrix(.ffnUp)))
    if !matrix(.linear).isEmpty {
      units = zip(units, Definition.linear(x, matrix(.linear))).map { $0 + $1 }
    }
    return Definition.linear(units, matrix(.ffnDown)).map { zip($0, matrix(.bias)[0]).map(+) }
  }
}
