package import Dials
import Foundation
package import GGUF

/// The definition of the forward pass: plain loops in double precision over the file's own weights,
/// every position attending to the whole past, no cache, no quantised activations.
///
/// It shares nothing with the fast pass but the hyper-parameters, is slow on purpose, and stays for
/// ever: law 1 compares the two.
package struct ReferencePass {
  /// What a pass over a text leaves behind.
  package struct Trace {
    /// Logits after the last block, [position][vocabulary].
    package var logits: [[Double]] = []
    /// The residual stream after the embedding (index 0) and after each block, [depth][position][width].
    package var streams: [[[Double]]] = []
  }

  /// The hyper-parameters.
  package let blueprint: Blueprint
  /// Whether keys and values are rounded as the cache rounds them: to eight bits of their Hadamard
  /// transform, with a float16 scale. Off: the plain definition.
  package var roundsKeysAndValues = false
  /// Which past positions attention sees, and the first ones at which distance.
  package var reach = ReachSetting.full
  /// Where turns of the text begin, if they leave whole.
  package var turnStarts: [Int] = []
  /// Whether a row remembers a position before its window: what surprised the model is not known here.
  package var remembers: (_ row: Int, _ past: Int) -> Bool = { _, _ in false }
  /// Positions of the longest text, for which a model may choose its angles.
  package var textLength = 0
  /// The first position whose row looks up what lies before its window, if the reach lets rows do so.
  package var retrievesFrom = 0
  private let file: GGUFFile

  /// A reference pass over the model in `file`.
  package init(file: GGUFFile) throws(ModelError) {
    self.file = file
    blueprint = try Blueprint(metadata: file.metadata)
  }

  /// Reads the tokens from position 0 on.
  package func run(_ tokens: [TokenID], pruned: BlockSet = .none) -> Trace {
    var trace = Trace()
    let embedding = tensor("token_embd.weight")
    var stream = tokens.map { token in
      (0..<blueprint.width).map {
        Double(embedding[token.index * blueprint.width + $0]) * Double(blueprint.embeddingScale)
      }
    }
    trace.streams.append(stream)
    for block in 0..<blueprint.blockCount {
      if !pruned.contains(BlockIndex(block)) {
        stream = sum(
          stream, attention(block, normalized(stream, .attentionNorm, block)), block,
          .attentionPostNorm)
        stream = sum(
          stream, feedForward(block, normalized(stream, .feedForwardNorm, block)), block,
          .feedForwardPostNorm)
      }
      trace.streams.append(stream)
    }
    trace.logits = head(stream)
    return trace
  }

  /// Final norm and LM head: the logits of each row.
  package func head(_ stream: [[Double]]) -> [[Double]] {
    let name = file.tensor(named: "output.weight") == nil ? "token_embd.weight" : "output.weight"
    return product(tensor(name), normalized(stream, gains: tensor("output_norm.weight"))).map {
      row in
      row.map { capped($0 / Double(blueprint.logitScale)) }
    }
  }

  private func capped(_ logit: Double) -> Double {
    guard let cap = blueprint.logitCap.map(Double.init) else { return logit }
    return cap * tanh(logit / cap)
  }

  private func attention(_ block: Int, _ x: [[Double]]) -> [[Double]] {
    let queries = heads(.query, .queryNorm, block, x, count: blueprint.headCount)
    let keys = heads(.key, .keyNorm, block, x, count: blueprint.keyValueHeadCount)
    let near = (rotated(queries, in: block), keptKeys(rotated(keys, in: block), in: block))
    let far = seenFromFarAway(queries, keys, in: block)
    let between = (
      rotated(queries, in: block) { _ in min(2048, reach.window) },
      grown(keptKeys(keys, in: block), in: block)
    )
    let values = kept(projected(.value, block, x))
    let form = blueprint.forms[block]
    let width = blueprint.headWidth
    let mixed = x.indices.map { position in
      (0..<blueprint.headCount).flatMap { head -> [Double] in
        let shared = head / blueprint.groupSize * width
        func score(_ past: Int, _ seen: (queries: [[Double]], keys: [[Double]])) -> Double {
          (0..<width).reduce(0) {
            $0 + seen.queries[position][head * width + $1] * seen.keys[past][shared + $1]
          } * blueprint.attentionScale
        }
        let window = reach.local(at: position, turns: turnStarts).lowerBound
        // A window of the model's own that is the narrower one shows nothing before it.
        let own = form.window.map { max(0, position + 1 - $0) } ?? 0
        let isOwn = own > window || own == window && own > 0
        var scores = (0...position).map { past in
          if past >= max(own, window) { return score(past, near) }
          if isOwn { return -.infinity }
          let isFar = past < reach.sinks || remembers(position, past)
          return isFar ? score(past, far) : -.infinity
        }
        if block >= 4, !isOwn, position >= retrievesFrom {
          let unseen = scores.indices.filter { scores[$0] == -.infinity }
          let found = unseen.map { (past: $0, score: score($0, between)) }
            .sorted { ($1.score, $0.past) < ($0.score, $1.past) }
          for one in found.prefix(reach.lookups) { scores[one.past] = one.score }
        }
        let largest = scores.max() ?? 0
        let weights = scores.map { exp($0 - largest) }
        let total = weights.reduce(0, +)
        return (0..<width).map { d in
          (0...position).reduce(0) { $0 + weights[$1] * values[$1][shared + d] } / total
        }
      }
    }
    return projected(.output, block, mixed)
  }

  /// Queries or keys before they are rotated.
  private func heads(
    _ part: BlockPart, _ norm: BlockPart, _ block: Int, _ x: [[Double]], count: Int
  ) -> [[Double]] {
    let rows = projected(part, block, x)
    guard blueprint.has(norm) else { return rows }
    let gains = tensor(blueprint.place(of: norm).name(block: block))
    if blueprint.architecture.queryKeyNorm == .wholeRow { return normalized(rows, gains: gains) }
    let width = blueprint.headWidth
    return rows.map { row in
      (0..<count).flatMap { head in
        normalized([Array(row[head * width..<(head + 1) * width])], gains: gains)[0]
      }
    }
  }

  /// Queries and keys as they meet over more than a window: at the window's length, or at the distance
  /// that they have in a cache of the first positions and the window.
  private func seenFromFarAway(
    _ queries: [[Double]], _ keys: [[Double]], in block: Int
  ) -> ([[Double]], [[Double]]) {
    switch reach.distance {
    case .capped:
      return (
        rotated(queries, in: block) { _ in reach.window },
        grown(keptKeys(keys, in: block), in: block)
      )
    case .cacheIndex:
      let last = reach.sinks + reach.window - 1
      return (
        rotated(queries, in: block) { min($0, last) }, keptKeys(rotated(keys, in: block), in: block)
      )
    }
  }

  private func feedForward(_ block: Int, _ x: [[Double]]) -> [[Double]] {
    let gate = projected(.gate, block, x)
    let up = projected(.up, block, x)
    let inner = zip(gate, up).map { row in zip(row.0, row.1).map { activated($0) * $1 } }
    return projected(.down, block, inner)
  }

  private func activated(_ x: Double) -> Double {
    switch blueprint.architecture.activation {
    case .silu: x / (1 + exp(-x))
    case .geluTanh: x / 2 * (1 + tanh((2 / .pi).squareRoot() * (x + 0.044715 * x * x * x)))
    }
  }

  /// Rotates the pairs of each head by the angle of the row's position, or of what `place` makes of it.
  private func rotated(
    _ rows: [[Double]], in block: Int, by place: (Int) -> Int = { $0 }
  ) -> [[Double]] {
    let width = blueprint.headWidth
    let half = blueprint.rotatedWidth / 2
    let angles = angles(of: block)
    let magnitude = blueprint.rotations[blueprint.forms[block].rotation].magnitude
    return rows.enumerated().map { position, row in
      var row = row
      for head in 0..<row.count / width {
        for pair in 0..<half {
          let angle = Double(place(position)) * angles[pair]
          let isSplit = blueprint.architecture.pairs == .halves
          let first = head * width + (isSplit ? pair : 2 * pair)
          let second = first + (isSplit ? half : 1)
          let (a, b) = (row[first], row[second])
          row[first] = (a * cos(angle) - b * sin(angle)) * magnitude
          row[second] = (a * sin(angle) + b * cos(angle)) * magnitude
        }
      }
      return row
    }
  }

  /// Keys that are kept as they are, but as long as they would be if they were rotated.
  private func grown(_ rows: [[Double]], in block: Int) -> [[Double]] {
    let magnitude = blueprint.rotations[blueprint.forms[block].rotation].magnitude
    if magnitude == 1 { return rows }
    return rows.map { row in
      row.indices.map {
        $0 % blueprint.headWidth < blueprint.rotatedWidth ? row[$0] * magnitude : row[$0]
      }
    }
  }

  private func angles(of block: Int) -> [Double] {
    let rotation = blueprint.rotations[blueprint.forms[block].rotation]
    var name = "rope_freqs.weight"
    if case .byLength(let length) = rotation.factors, file.tensor(named: name) == nil {
      name = textLength > length ? "rope_factors_long.weight" : "rope_factors_short.weight"
    }
    let divisors = rotation.factors == .none ? [] : tensor(name)
    return rotation.angles(
      width: blueprint.rotatedWidth, divisors: divisors.isEmpty ? nil : divisors)
  }

  /// The rows as the past is remembered: exactly, or as the cache keeps them.
  private func kept(_ rows: [[Double]]) -> [[Double]] {
    guard roundsKeysAndValues else { return rows }
    let width = blueprint.headWidth
    // The largest power of two that divides the width.
    let size = width & -width
    return rows.map { row in
      (0..<row.count / width).flatMap { head -> [Double] in
        let x = transformed(Array(row[head * width..<(head + 1) * width]), size: size)
        let scale = float16((x.map(\.magnitude).max() ?? 0) / 127)
        if scale == 0 { return x.map { _ in 0 } }
        let codes = x.map { max(-127, min(127, ($0 / scale).rounded(.toNearestOrEven))) }
        return transformed(codes.map { $0 * scale }, size: size).map { $0 / Double(size) }
      }
    }
  }

  /// The Hadamard transform of each `size` numbers: y[i] = Σ x[j] · (-1)^(ones in i and j).
  private func transformed(_ x: [Double], size: Int) -> [Double] {
    x.indices.map { index in
      (0..<size).reduce(0) { sum, j in
        let sign = (index % size & j).nonzeroBitCount % 2 == 0 ? 1.0 : -1.0
        return sum + sign * x[index / size * size + j]
      }
    }
  }

  /// Keys as the past is remembered. The cache has those that turn together side by side, and divides
  /// them by what makes eight bits serve them best.
  private func keptKeys(_ rows: [[Double]], in block: Int) -> [[Double]] {
    guard roundsKeysAndValues else { return rows }
    let first = blueprint.place(of: .key).rows.lowerBound
    let order = blueprint.rowOrder(of: .key).map { $0.map { Int($0) - first } }
    let places = order ?? Array(0..<blueprint.keyValueWidth)
    let factors = KeyBalance(block: block, of: blueprint, in: file)?.factors
    func factor(_ index: Int) -> Double { Double(factors?[index] ?? 1) }
    let divided = rows.map { row in places.enumerated().map { row[$1] / factor($0) } }
    return zip(rows, kept(divided)).map { row, kept in
      var result = row
      for (index, place) in places.enumerated() { result[place] = kept[index] * factor(index) }
      return result
    }
  }

  /// The nearest float16; below 2^-14 their spacing stays at 2^-24.
  private func float16(_ x: Double) -> Double {
    let unit = pow(2, Double(max(x == 0 ? -14 : Int(x.exponent), -14) - 10))
    return (x / unit).rounded(.toNearestOrEven) * unit
  }

  /// The stream as attention or feed-forward reads it.
  private func normalized(_ stream: [[Double]], _ norm: BlockPart, _ block: Int) -> [[Double]] {
    guard blueprint.has(norm) else { return stream }
    return normalized(stream, gains: tensor(blueprint.place(of: norm).name(block: block)))
  }

  private func normalized(_ rows: [[Double]], gains: [Float]) -> [[Double]] {
    rows.map { row in
      let mean = row.reduce(0) { $0 + $1 * $1 } / Double(row.count)
      let scale = 1 / (mean + Double(blueprint.normEpsilon)).squareRoot()
      return zip(row, gains).map { $0 * scale * Double($1) }
    }
  }

  /// A projection of a block, with its bias.
  private func projected(_ part: BlockPart, _ block: Int, _ x: [[Double]]) -> [[Double]] {
    let place = blueprint.place(of: part)
    let columns = place.columns ?? 1
    let weights = tensor(place.name(block: block))
    let rows = place.rows.lowerBound * columns..<place.rows.upperBound * columns
    let result = product(Array(weights[rows]), x)
    let bias = blueprint.mayHaveBias(part) ? tensor(place.biasName(block: block)) : []
    if bias.isEmpty { return result }
    return result.map { row in zip(row, bias[place.rows]).map { $0 + Double($1) } }
  }

  /// `y[i][r] = Σ_k w[r, k] · x[i][k]`.
  private func product(_ weights: [Float], _ x: [[Double]]) -> [[Double]] {
    let columns = x.first?.count ?? 0
    let rows = columns > 0 ? weights.count / columns : 0
    return x.map { input in
      input.withUnsafeBufferPointer { input in
        weights.withUnsafeBufferPointer { weights in
          (0..<rows).map { row in
            var total = 0.0
            for k in 0..<columns { total += Double(weights[row * columns + k]) * input[k] }
            return total
          }
        }
      }
    }
  }

  /// The stream with what attention or feed-forward brought, which `norm` normalises first.
  private func sum(
    _ stream: [[Double]], _ brought: [[Double]], _ block: Int, _ norm: BlockPart
  ) -> [[Double]] {
    zip(stream, normalized(brought, norm, block)).map { row in
      zip(row.0, row.1).map { $0 + Double(blueprint.residualScale) * $1 }
    }
  }

  private func tensor(_ name: String) -> [Float] {
    file.tensor(named: name).map { file.dequantize($0) } ?? []
  }
}
