import Kernels
import Transformer

/// The first values of small feed-forwards, in closed form: the neurons of the big one that do most, with
/// their own gates, and a linear part, a bias and a down-projection that fit its output best.
///
/// With features `f = [units, x, 1]` of a position, ridge regression gives a full linear map L beside the
/// units. Of that map the small form has rank r: `L · Q · Qᵀ` with the leading eigenvectors Q of
/// `Lᵀ · C · L`, C being what the units leave of x's covariance, is the best such map (reduced-rank
/// regression). Then the down-projection is fitted once more to units and linear units.
struct FirstValues {
  let shape: SmallFeedForwardShape
  /// The diagonals of the two systems are multiplied by one more than these.
  var ridge = 0.01
  var lastRidge = 1e-3

  /// The `inner` neurons with the greatest mean |activation| · ‖down column‖, ascending.
  func neurons(_ activity: FeedForwardSums.Activity, _ w: FrozenFeedForward) -> [Int] {
    var norms = Array(repeating: 0.0, count: w.down.columns)
    for row in 0..<w.down.rows {
      for column in norms.indices {
        let value = Double(w.down[row][column])
        norms[column] += value * value
      }
    }
    let scores = zip(activity.neurons, norms).map { $0 * $1.squareRoot() }
    let order = scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
    return order.prefix(shape.inner).sorted()
  }

  /// Writes the values of one block.
  func write(
    _ moments: FeedForwardSums.Moments, neurons: [Int], of w: FrozenFeedForward,
    to target: SmallModules.Tensors
  ) {
    for (row, neuron) in neurons.enumerated() {
      target.gate[row].update(from: w.gate[neuron], count: shape.width)
      target.up[row].update(from: w.up[neuron], count: shape.width)
    }
    let directions = shape.rank > 0 ? directions(moments) : DoubleMatrix(shape.width, 0)
    let fit = lastFit(moments, directions)
    for unit in 0..<shape.rank {
      // Both factors of a linear unit at the same size: steps and codes treat them alike.
      let (into, out) = (
        norm((0..<shape.width).map { directions[$0, unit] }),
        norm((0..<shape.width).map { fit[shape.inner + unit, $0] })
      )
      let factor = into > 0 && out > 0 ? (out / into).squareRoot() : 1
      for i in 0..<shape.width {
        target.linear[unit][i] = Float(directions[i, unit] * factor)
        target.down[i][shape.inner + unit] = Float(fit[shape.inner + unit, i] / factor)
      }
    }
    for i in 0..<shape.width {
      for unit in 0..<shape.inner { target.down[i][unit] = Float(fit[unit, i]) }
      target.bias[0][i] = Float(fit[fit.rows - 1, i])
    }
  }

  private func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// What the linear units look at, [width, rank].
  private func directions(_ moments: FeedForwardSums.Moments) -> DoubleMatrix {
    let count = moments.features.rows
    let x = Array(shape.inner..<count - 1)
    let others = Array(0..<shape.inner) + [count - 1]
    let full = SymmetricSystem(moments.features, ridge: ridge).solve(moments.targets)
    let map = full.part(x, Array(0..<shape.width))
    // The covariance of x that units and bias leave.
    let cross = moments.features.part(others, x)
    let own = SymmetricSystem(moments.features.part(others, others), ridge: lastRidge)
    let left = moments.features.part(x, x).adding(
      cross.transposed, times: own.solve(cross), factor: -1)
    let damage = map.transposed * (left * map)
    return map * damage.leadingEigenvectors(shape.rank)
  }

  /// The down-projection and the bias, [inner + rank + 1, width].
  private func lastFit(
    _ moments: FeedForwardSums.Moments, _ directions: DoubleMatrix
  ) -> DoubleMatrix {
    let count = moments.features.rows
    let rank = directions.columns
    // f reduced is T · f.
    var reduction = DoubleMatrix(shape.inner + rank + 1, count)
    for unit in 0..<shape.inner { reduction[unit, unit] = 1 }
    for unit in 0..<rank {
      for i in 0..<shape.width {
        reduction[shape.inner + unit, shape.inner + i] = directions[i, unit]
      }
    }
    reduction[shape.inner + rank, count - 1] = 1
    let features = reduction * moments.features * reduction.transposed
    return SymmetricSystem(features, ridge: lastRidge).solve(reduction * moments.targets)
  }
}

extension DuoTrainer {
  /// Gives the small feed-forwards their first values. Answers false, and changes nothing, where `progress`
  /// does, which hears of the packs of texts that were read.
  package func setFirstValues(
    progress: (_ done: Int, _ all: Int) -> Bool = { _, _ in true }
  ) -> Bool {
    let sums = FeedForwardSums(
      texts, limit: settings.firstPositions, rowsAtOnce: settings.rowsAtOnce, model: model,
      pool: pool, spaces: workspaces())
    let frozen = base.blocks.compactMap { FrozenFeedForward($0) }
    let values = FirstValues(shape: modules.shape)
    guard frozen.count == base.blocks.count, let activities = sums.activities(progress: progress)
    else { return false }
    let neurons = zip(activities, frozen).map { values.neurons($0, $1) }
    guard
      let moments = sums.moments(
        neurons: neurons, norms: activities.map(\.norm), progress: progress)
    else { return false }
    _ = pool.map(base.blocks.count) { block in
      values.write(
        moments[block], neurons: neurons[block], of: frozen[block], to: self.modules.values(block))
    }
    return true
  }
}
