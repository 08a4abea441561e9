import CKernels
import Dials
import Kernels
package import Transformer

/// Reads texts with the inference pass, and keeps the base's stream at each exit and its predictions at
/// full depth.
package struct HiddenCollector {
  /// The base.
  private let pass: ForwardPass
  private let kernels: KernelSet
  private let depths: [Int]
  private let topK: Int

  /// A collector for texts of up to `length` tokens. `depths` are the blocks executed before each exit,
  /// ascending; `topK` is how many of the most probable tokens at full depth are kept.
  package init(_ runtime: ModelRuntime, length: Int, depths: [Int], topK: Int) {
    pass = ForwardPass(runtime, capacity: length, rowCapacity: 256)
    kernels = runtime.kernels
    self.depths = depths
    self.topK = topK
  }

  /// Writes a cache of the positions of `texts` that are learnt, held-out texts first, up to
  /// `positionLimit` positions.
  ///
  /// `progress` gets the positions done and all of them; when it answers false, the writing ends,
  /// nothing is left behind, and false comes back.
  package func collect(
    _ texts: [TrainingText], to path: String, description: HiddenCache.Description,
    positionLimit: Int = .max, progress: (_ done: Int, _ all: Int) -> Bool = { _, _ in true }
  ) throws(TrainingError) -> Bool {
    let writer = try HiddenCacheWriter(path: path, description: description)
    let ordered = texts.filter(\.isHeldOut) + texts.filter { !$0.isHeldOut }
    let heldOutCount = texts.count { $0.isHeldOut }
    let all = min(positionLimit, texts.reduce(0) { $0 + $1.targetCount })
    do throws(TrainingError) {
      for (index, text) in ordered.enumerated() {
        if index == heldOutCount { writer.endHeldOut() }
        if writer.count >= positionLimit { break }
        try read(text, into: writer, limit: positionLimit)
        guard progress(writer.count, all) else {
          writer.abandon()
          return false
        }
      }
      if heldOutCount == ordered.count { writer.endHeldOut() }
      try writer.finish()
      return true
    } catch {
      writer.abandon()
      throw error
    }
  }

  private func read(
    _ text: TrainingText, into writer: HiddenCacheWriter, limit: Int
  ) throws(TrainingError) {
    pass.truncate(to: 0)
    let wanted = Set(text.positions)
    var start = 0
    while start < text.tokens.count {
      let count = min(pass.rowCapacity, text.tokens.count - start)
      pass.appendChain(text.tokens[start..<start + count])
      let rows = (0..<count).filter { wanted.contains(start + $0) }
      try record(
        Array(rows.prefix(limit - writer.count)), count: count, into: writer)
      pass.commit(path: Array(0..<count))
      start += count
    }
  }

  /// Takes the rows in flight through all blocks, with a stop at each exit.
  private func record(
    _ rows: [Int], count: Int, into writer: HiddenCacheWriter
  ) throws(TrainingError) {
    let width = pass.weights.blueprint.width
    let arena = Arena()
    let kept = Matrix(max(1, rows.count * depths.count), width, in: arena)
    var reached = 0
    for (exit, depth) in depths.enumerated() {
      pass.run(rows: 0..<count, blocks: reached..<depth)
      reached = depth
      for (index, row) in rows.enumerated() {
        normalize(pass.stream(row: row), into: kept[index * depths.count + exit])
      }
    }
    pass.run(rows: 0..<count, blocks: reached..<pass.blockCount)
    var index = 0
    for part in pass.headParts(of: rows) {
      let logits = pass.logits(rows: part)
      for row in part.indices {
        let best = mostProbable(UnsafeBufferPointer(logits[row]))
        try writer.append(
          streams: depths.indices.map { UnsafePointer(kept[(index + row) * depths.count + $0]) },
          ids: best.ids, probabilities: best.probabilities)
      }
      index += part.count
    }
    withExtendedLifetime(arena) {}
  }

  /// The stream at root mean square 1: float16 has room for it at any depth.
  private func normalize(
    _ stream: UnsafeBufferPointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    guard let base = stream.baseAddress else { return }
    let mean = Sum.ofProducts(base, base, count: stream.count) / Float(stream.count)
    let scale = 1 / mean.squareRoot()
    for i in stream.indices { target[i] = stream[i] * (scale.isFinite ? scale : 0) }
  }

  /// The `topK` most probable tokens of a row of logits, most probable first.
  private func mostProbable(
    _ logits: UnsafeBufferPointer<Float>
  ) -> (ids: [Int32], probabilities: [Float]) {
    let largest = kernels.top2(logits).first
    let sum = Float(kernels.softmaxSums(logits, maximum: largest).sum)
    let best = Candidates.top(topK, of: logits, kernels: kernels)
    return (best.map { Int32($0.index) }, best.map { ck_exp($0.value - largest) / sum })
  }
}

extension HiddenCollector {
  /// Rows a second that the base reads here, heads included, measured on one pass.
  package func rowsPerSecond() -> Double {
    let count = min(256, pass.rowCapacity)
    pass.truncate(to: 0)
    pass.appendChain((0..<count).map { TokenID($0) })
    let time = ContinuousClock().measure {
      pass.run(rows: 0..<count, blocks: 0..<pass.blockCount)
      for rows in pass.headParts(of: Array(0..<count)) { _ = pass.logits(rows: rows) }
    }
    pass.discard()
    let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    return Double(count) / max(seconds, 1e-9)
  }
}
