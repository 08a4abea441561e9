/// `a = silu(g) ⊙ u` with `silu(g) = g · sigmoid(g)` (Shazeer 2020, arXiv 2002.05202).
package enum SwiGLU {
  /// All [n, f], with rows that follow one another.
  package static func forward(gate g: Matrix, up u: Matrix, into a: Matrix) {
    forEachEight(g.count) { index, count in
      let gate = load(g, index, count)
      store(gate * gate.sigmoid * load(u, index, count), a, index, count)
    }
  }

  /// `du = da ⊙ silu(g)` and `dg = da ⊙ u ⊙ s · (1 + g · (1 − s))` with `s = sigmoid(g)`.
  ///
  /// dg and du may be the memory of g and u.
  package static func backward(
    _ da: Matrix, gate g: Matrix, up u: Matrix, gate dg: Matrix, up du: Matrix
  ) {
    forEachEight(g.count) { index, count in
      let (gate, up) = (load(g, index, count), load(u, index, count))
      let gradient = load(da, index, count)
      let s = gate.sigmoid
      store(gradient * gate * s, du, index, count)
      store(gradient * up * s * (1 + gate * (1 - s)), dg, index, count)
    }
  }

  /// Calls `body` with the start and the count of each group of up to eight numbers.
  @inline(__always)
  private static func forEachEight(_ count: Int, _ body: (Int, Int) -> Void) {
    var index = 0
    while index + 8 <= count {
      body(index, 8)
      index += 8
    }
    if index < count { body(index, count - index) }
  }

  /// Up to eight numbers, padded with zeros.
  @inline(__always)
  private static func load(_ x: Matrix, _ index: Int, _ count: Int) -> SIMD8<Float> {
    if count == 8 { return Sum.load(x.base, index) }
    var value = SIMD8<Float>(repeating: 0)
    for lane in 0..<count { value[lane] = x.base[index + lane] }
    return value
  }

  @inline(__always)
  private static func store(_ value: SIMD8<Float>, _ x: Matrix, _ index: Int, _ count: Int) {
    if count == 8 {
      UnsafeMutableRawPointer(x.base + index).storeBytes(of: value, as: SIMD8<Float>.self)
    } else {
      for lane in 0..<count { x.base[index + lane] = value[lane] }
    }
  }
}
