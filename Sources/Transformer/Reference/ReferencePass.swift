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
  /// Whether a row remembers a position before its window: what surprised the model is not known here.
  package var remembers: (_ row: Int, _ past: Int) -> Bool = { _, _ in false }
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
      (0..<blueprint.width).map { Double(embedding[token.index * blueprint.width + $0]) }
    }
    trace.streams.append(stream)
    for block in 0..<blueprint.blockCount {
      if !pruned.contains(BlockIndex(block)) {
        stream = sum(stream, attention(block, normalized(stream, "blk.\(block).attn_norm.weight")))
        stream = sum(stream, feedForward(block, normalized(stream, "blk.\(block).ffn_norm.weight")))
      }
      trace.streams.append(stream)
    }
    trace.logits = head(stream)
    return trace
  }

  /// Final norm and LM head: the logits of each row.
  package func head(_ stream: [[Double]]) -> [[Double]] {
    let name = file.tensor(named: "output.weight") == nil ? "token_embd.weight" : "output.weight"
    return product(name, normalized(stream, "output_norm.weight"))
  }

  private func attention(_ block: Int, _ x: [[Double]]) -> [[Double]] {
    let heads = (blueprint.headCount, blueprint.keyValueHeadCount)
    let queries = product("blk.\(block).attn_q.weight", x)
    let keys = product("blk.\(block).attn_k.weight", x)
    let near = (rotated(queries, heads: heads.0), kept(rotated(keys, heads: heads.1)))
    let far = seenFromFarAway(queries, keys)
    let between = (rotated(queries, heads: heads.0) { _ in min(2048, reach.window) }, kept(keys))
    let values = kept(product("blk.\(block).attn_v.weight", x))
    let width = blueprint.headWidth
    let mixed = x.indices.map { position in
      (0..<blueprint.headCount).flatMap { head -> [Double] in
        let shared = head / blueprint.groupSize * width
        func score(_ past: Int, _ seen: (queries: [[Double]], keys: [[Double]])) -> Double {
          (0..<width).reduce(0) {
            $0 + seen.queries[position][head * width + $1] * seen.keys[past][shared + $1]
          } / Double(width).squareRoot()
        }
        var scores = (0...position).map { past in
          if past >= reach.local(at: position).lowerBound { return score(past, near) }
          let isFar = past < reach.sinks || remembers(position, past)
          return isFar ? score(past, far) : -.infinity
        }
        if block >= 4, position >= retrievesFrom {
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
    return product("blk.\(block).attn_output.weight", mixed)
  }

  /// Queries and keys as they meet over more than a window: at the window's length, or at the distance
  /// that they have in a cache of the first positions and the window.
  private func seenFromFarAway(
    _ queries: [[Double]], _ keys: [[Double]]
  ) -> ([[Double]], [[Double]]) {
    let heads = (blueprint.headCount, blueprint.keyValueHeadCount)
    switch reach.distance {
    case .capped:
      return (rotated(queries, heads: heads.0) { _ in reach.window }, kept(keys))
    case .cacheIndex:
      let last = reach.sinks + reach.window - 1
      return (
        rotated(queries, heads: heads.0) { min($0, last) }, kept(rotated(keys, heads: heads.1))
      )
    }
  }

  private func feedForward(_ block: Int, _ x: [[Double]]) -> [[Double]] {
    let gate = product("blk.\(block).ffn_gate.weight", x)
    let up = product("blk.\(block).ffn_up.weight", x)
    let inner = zip(gate, up).map { row in
      zip(row.0, row.1).map { g, u in g / (1 + exp(-g)) * u }
    }
    return product("blk.\(block).ffn_down.weight", inner)
  }

  /// Rotates adjacent pairs of each head by the angle of the row's position, or of what `place` makes of
  /// it.
  private func rotated(
    _ rows: [[Double]], heads: Int, by place: (Int) -> Int = { $0 }
  ) -> [[Double]] {
    let factors =
      file.tensor(named: "rope_freqs.weight") == nil ? nil : tensor("rope_freqs.weight")
    return rows.enumerated().map { position, row in
      var row = row
      for head in 0..<heads {
        for pair in 0..<blueprint.rotatedWidth / 2 {
          let frequency =
            pow(blueprint.ropeBase, -2 * Double(pair) / Double(blueprint.rotatedWidth))
            / blueprint.ropeScale / Double(factors?[pair] ?? 1)
          let angle = Double(place(position)) * frequency
          let index = head * blueprint.headWidth + 2 * pair
          let (a, b) = (row[index], row[index + 1])
          row[index] = a * cos(angle) - b * sin(angle)
          row[index + 1] = a * sin(angle) + b * cos(angle)
        }
      }
      return row
    }
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

  /// The nearest float16; below 2^-14 their spacing stays at 2^-24.
  private func float16(_ x: Double) -> Double {
    let unit = pow(2, Double(max(x == 0 ? -14 : Int(x.exponent), -14) - 10))
    return (x / unit).rounded(.toNearestOrEven) * unit
  }

  private func normalized(_ rows: [[Double]], _ name: String) -> [[Double]] {
    let gains = tensor(name)
    return rows.map { row in
      let mean = row.reduce(0) { $0 + $1 * $1 } / Double(row.count)
      let scale = 1 / (mean + Double(blueprint.normEpsilon)).squareRoot()
      return zip(row, gains).map { $0 * scale * Double($1) }
    }
  }

  /// `y[i][r] = Σ_k w[r, k] · x[i][k]`.
  private func product(_ name: String, _ x: [[Double]]) -> [[Double]] {
    let weights = tensor(name)
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

  private func sum(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
    zip(a, b).map { zip($0, $1).map(+) }
  }

  private func tensor(_ name: String) -> [Float] {
    file.tensor(named: name).map { file.dequantize($0) } ?? []
  }
}
