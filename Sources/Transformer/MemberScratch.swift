import Kernels

/// What one member of the crew needs for itself.
struct MemberScratch: Sendable, BitwiseCopyable {
  /// The inputs of a single row, which every member makes for itself.
  let inputs: Inputs
  /// Views of up to 16 tiles: keys, values, and which of their rows are visible.
  nonisolated(unsafe) let keyTiles: UnsafeMutablePointer<UnsafePointer<UInt16>?>
  nonisolated(unsafe) let valueTiles: UnsafeMutablePointer<UnsafePointer<UInt16>?>
  nonisolated(unsafe) let masks: UnsafeMutablePointer<UInt16>
  /// Room for tiles that are put together from rows of a tree.
  nonisolated(unsafe) let gatheredKeys: UnsafeMutablePointer<UInt16>
  nonisolated(unsafe) let gatheredValues: UnsafeMutablePointer<UInt16>
  /// Queries of one group of heads, rotated and scaled, [groupSize, headWidth].
  nonisolated(unsafe) let query: UnsafeMutablePointer<Float>
  /// Scores and weights, [groupSize, 256].
  nonisolated(unsafe) let scores: UnsafeMutablePointer<Float>
  /// The result of one stretch.
  let stretch: StretchResult
  /// The maxima and sums of the stretches merged so far, [2, groupSize].
  nonisolated(unsafe) let running: UnsafeMutablePointer<Float>

  init(blueprint: Blueprint, rowCapacity: Int, in arena: Arena) {
    let group = blueprint.groupSize
    let stride = (blueprint.headWidth + 15) / 16 * 16
    inputs = Inputs(blueprint: blueprint, capacity: rowCapacity, in: arena)
    keyTiles = UnsafeMutableRawPointer(arena.take(16, of: UInt.self))
      .assumingMemoryBound(to: UnsafePointer<UInt16>?.self)
    valueTiles = UnsafeMutableRawPointer(arena.take(16, of: UInt.self))
      .assumingMemoryBound(to: UnsafePointer<UInt16>?.self)
    masks = arena.take(16, of: UInt16.self)
    gatheredKeys = arena.take(16 * blueprint.headWidth * 16, of: UInt16.self)
    gatheredValues = arena.take(16 * stride * 16, of: UInt16.self)
    query = arena.take(group * blueprint.headWidth, of: Float.self)
    scores = arena.take(group * StretchResult.length, of: Float.self)
    stretch = StretchResult(
      base: arena.take(group * (stride + 2), of: Float.self), group: group, stride: stride)
    running = arena.take(2 * group, of: Float.self)
  }
}

/// Attention over one stretch of positions, for the heads that share keys and values.
struct StretchResult: Sendable, BitwiseCopyable {
  /// Positions that are attended to at once. Stretches begin at multiples of it and are merged in
  /// order, so the result depends neither on who computed them nor on what else was in the pass.
  static let length = 256

  /// Maxima [group], sums [group], unnormalised outputs [group, stride].
  nonisolated(unsafe) let base: UnsafeMutablePointer<Float>
  let group: Int
  let stride: Int

  var maxima: UnsafeMutablePointer<Float> { base }
  var sums: UnsafeMutablePointer<Float> { base + group }
  var outputs: UnsafeMutablePointer<Float> { base + 2 * group }
}

/// Results of all stretches of a single row, per key/value head.
struct StretchResults: Sendable, BitwiseCopyable {
  private let first: StretchResult
  private let stretchCount: Int

  init(blueprint: Blueprint, capacity: Int, in arena: Arena) {
    let stride = (blueprint.headWidth + 15) / 16 * 16
    stretchCount = (capacity + StretchResult.length - 1) / StretchResult.length
    let size = blueprint.groupSize * (stride + 2)
    first = StretchResult(
      base: arena.take(size * stretchCount * blueprint.keyValueHeadCount, of: Float.self),
      group: blueprint.groupSize, stride: stride)
  }

  subscript(head head: Int, stretch stretch: Int) -> StretchResult {
    let size = first.group * (first.stride + 2)
    return StretchResult(
      base: first.base + (head * stretchCount + stretch) * size, group: first.group,
      stride: first.stride)
  }
}

/// Attention over a text of any length, merged from stretches in order.
struct RunningAttention {
  /// The result, [group, width].
  let out: UnsafeMutablePointer<Float>
  let width: Int
  /// So far: maxima [group], sums [group].
  let state: UnsafeMutablePointer<Float>

  /// Takes in the next stretch.
  func merge(_ next: StretchResult, isFirst: Bool) {
    let group = next.group
    for head in 0..<group {
      let target = out + head * width
      let source = next.outputs + head * next.stride
      if isFirst {
        state[head] = next.maxima[head]
        state[group + head] = next.sums[head]
        target.update(from: source, count: width)
      } else if next.sums[head] > 0 {
        let larger = max(state[head], next.maxima[head])
        let old = kernelExp(state[head] - larger)
        let new = kernelExp(next.maxima[head] - larger)
        state[head] = larger
        state[group + head] = state[group + head] * old + next.sums[head] * new
        for d in 0..<width { target[d] = target[d] * old + source[d] * new }
      }
    }
  }

  /// Divides by the sums.
  func finish(group: Int) {
    for head in 0..<group where state[group + head] > 0 {
      let inverse = 1 / state[group + head]
      for d in 0..<width { out[head * width + d] *= inverse }
    }
  }
}
