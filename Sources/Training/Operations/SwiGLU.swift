/// `a = silu(g) ⊙ u` with `silu(g) = g · sigmoid(g)` (Shazeer 2020, arXiv 2002.05202).
package enum SwiGLU {
  /// All [n, f], with rows that follow one another.
  package static func forward(gate g: Matrix, up u: Matrix, into a: Matrix) {
    forEachEight(g.count) { load, store in
      let gate = load(g)
      store(gate * gate.sigmoid * load(u), a)
    }
  }

  /// `du = da ⊙ silu(g)` and `dg = da ⊙ u ⊙ s · (1 + g · (1 − s))` with `s = sigmoid(g)`.
  ///
  /// The slopes may take the place of g and u.
  package static func backward(
    _ da: Matrix, gate g: Matrix, up u: Matrix, gate dg: Matrix, up du: Matrix
  ) {
    forEachEight(g.count) { load, store in
      let (slope, gate, up) = (load(da), load(g), load(u))
      let open = gate.sigmoid
      store(slope * gate * open, du)
      store(slope * up * open * (1 + gate * (1 - open)), dg)
    }
  }

  /// Calls `body` for each eight numbers, and for the rest padded with zeros.
  @inline(__always)
  private static func forEachEight(
    _ count: Int,
    _ body: (_ load: (Matrix) -> SIMD8<Float>, _ store: (SIMD8<Float>, Matrix) -> Void) -> Void
  ) {
    var index = 0
    while index + 8 <= count {
      let at = index
      body({ Sum.load($0.base, at) }) { value, matrix in
        UnsafeMutableRawPointer(matrix.base + at).storeBytes(of: value, as: SIMD8<Float>.self)
      }
      index += 8
    }
    let rest = count - index
    guard rest > 0 else { return }
    let at = index
    body { matrix in
      var value = SIMD8<Float>(repeating: 0)
      for lane in 0..<rest { value[lane] = matrix.base[at + lane] }
      return value
    } _: { value, matrix in
      for lane in 0..<rest { matrix.base[at + lane] = value[lane] }
    }
  }
}
