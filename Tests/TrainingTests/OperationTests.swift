import Dials
import Kernels
import TestSupport
import Testing
import Training

/// Each operation's backward pass against differences of its definition in double precision.
struct OperationTests {
  private let arena = Arena()

  @Test func `a projection's gradients are those of its definition`() throws {
    let blas = try BLAS.shared()
    var generator = SeededGenerator(seed: 1)
    let (x, w) = (randomValues(5 * 7, using: &generator), randomValues(3 * 7, using: &generator))
    let pull = randomValues(5 * 3, using: &generator)
    let (mx, mw) = (matrix(x, 7), matrix(w, 7))
    let (dx, dw) = (Matrix(5, 7, in: arena), Matrix(3, 7, in: arena))
    Linear.backward(blas, matrix(pull, 3), mw, input: dx)
    Linear.backward(blas, matrix(pull, 3), mx, weight: dw)
    let other = w.map(Double.init).rows(of: 7)
    expectGradient(dx.values, at: x) {
      Definition.weighted(Definition.linear($0.rows(of: 7), other), by: pull)
    }
    let input = x.map(Double.init).rows(of: 7)
    expectGradient(dw.values, at: w) {
      Definition.weighted(Definition.linear(input, $0.rows(of: 7)), by: pull)
    }
  }

  @Test func `the norm's gradients are those of its definition`() {
    var generator = SeededGenerator(seed: 2)
    // 11 columns: not a whole number of lanes.
    let (x, gain) = (randomValues(4 * 11, using: &generator), randomValues(11, using: &generator))
    let pull = randomValues(4 * 11, using: &generator)
    let (y, scales) = (Matrix(4, 11, in: arena), Matrix(4, 1, in: arena))
    let (dx, dgain) = (Matrix(4, 11, in: arena), Matrix(1, 11, in: arena))
    RMSNorm.forward(matrix(x, 11), gain: matrix(gain, 11), epsilon: 1e-5, into: y, scales: scales)
    RMSNorm.backward(
      matrix(pull, 11), matrix(x, 11), gain: matrix(gain, 11), scales: scales, input: dx,
      gain: dgain)
    let gains = gain.map(Double.init)
    expectGradient(dx.values, at: x) {
      Definition.weighted(Definition.norm($0.rows(of: 11), gains), by: pull)
    }
    let input = x.map(Double.init).rows(of: 11)
    expectGradient(dgain.values, at: gain) {
      Definition.weighted(Definition.norm(input, $0), by: pull)
    }
    expect(y, Definition.norm(input, gains))
  }

  @Test func `the gated unit's gradients are those of its definition`() {
    var generator = SeededGenerator(seed: 3)
    let g = randomValues(3 * 7, deviation: 2, using: &generator)
    let u = randomValues(3 * 7, using: &generator)
    let pull = randomValues(3 * 7, using: &generator)
    let (a, dg, du) = (Matrix(3, 7, in: arena), Matrix(3, 7, in: arena), Matrix(3, 7, in: arena))
    SwiGLU.forward(gate: matrix(g, 7), up: matrix(u, 7), into: a)
    SwiGLU.backward(matrix(pull, 7), gate: matrix(g, 7), up: matrix(u, 7), gate: dg, up: du)
    let (gates, ups) = (g.map(Double.init).rows(of: 7), u.map(Double.init).rows(of: 7))
    expectGradient(dg.values, at: g) {
      Definition.weighted(Definition.swiglu($0.rows(of: 7), ups), by: pull)
    }
    expectGradient(du.values, at: u) {
      Definition.weighted(Definition.swiglu(gates, $0.rows(of: 7)), by: pull)
    }
    expect(a, Definition.swiglu(gates, ups))
  }

  @Test func `turning back undoes the turn and is its backward pass`() {
    var generator = SeededGenerator(seed: 4)
    let x = randomValues(6 * 16, using: &generator)
    let pull = randomValues(6 * 16, using: &generator)
    let angles = [1.0, 0.3, 0.01]
    let turns = RotaryEmbedding(angles: angles, count: 6, in: arena)
    let (y, dx) = (matrix(x, 16), matrix(pull, 16))
    turns.forward(y, width: 8)
    turns.backward(dx, width: 8)
    expect(y, Definition.rotated(x.map(Double.init).rows(of: 16), angles: angles, width: 8))
    expectGradient(dx.values, at: x) {
      Definition.weighted(
        Definition.rotated($0.rows(of: 16), angles: angles, width: 8), by: pull)
    }
    turns.backward(y, width: 8)
    expect(y, x.map(Double.init).rows(of: 16))
  }

  @Test func `attention's gradients are those of its definition, shared heads included`() throws {
    let blas = try BLAS.shared()
    var generator = SeededGenerator(seed: 5)
    let (rows, width, heads, group) = (6, 4, 4, 2)
    let (wide, narrow) = (heads * width, heads / group * width)
    let q = randomValues(rows * wide, using: &generator)
    let k = randomValues(rows * narrow, using: &generator)
    let v = randomValues(rows * narrow, using: &generator)
    let pull = randomValues(rows * wide, using: &generator)
    let attention = Attention(headWidth: width, headCount: heads, groupSize: group)
    // Room for longer sequences: the parts that are used are views.
    let weights = Matrix(heads * rows, rows + 3, in: arena)
    let out = Matrix(rows, wide, in: arena)
    let dq = Matrix(rows, wide, in: arena)
    let (dk, dv) = (Matrix(rows, narrow, in: arena), Matrix(rows, narrow, in: arena))
    let (mq, mk, mv) = (matrix(q, wide), matrix(k, narrow), matrix(v, narrow))
    attention.forward(blas, mq, mk, mv, weights: weights, into: out)
    attention.backward(
      blas, matrix(pull, wide), mq, mk, mv, weights: weights,
      scratch: Matrix(rows + 2, rows + 3, in: arena), query: dq, key: dk, value: dv)
    func loss(_ q: [Double], _ k: [Double], _ v: [Double]) -> Double {
      Definition.weighted(
        Definition.attention(
          q.rows(of: wide), k.rows(of: narrow), v.rows(of: narrow), width: width, group: group),
        by: pull)
    }
    let (q64, k64, v64) = (q.map(Double.init), k.map(Double.init), v.map(Double.init))
    expectGradient(dq.values, at: q) { loss($0, k64, v64) }
    expectGradient(dk.values, at: k) { loss(q64, $0, v64) }
    expectGradient(dv.values, at: v) { loss(q64, k64, $0) }
  }

  @Test func `an embedding's gradient goes back to the rows that were read`() {
    var generator = SeededGenerator(seed: 6)
    let e = randomValues(5 * 3, using: &generator)
    let pull = randomValues(4 * 3, using: &generator)
    let tokens = [2, 0, 2, 4].map { TokenID($0) }
    let (y, de) = (Matrix(4, 3, in: arena), Matrix(5, 3, in: arena))
    Embedding.forward(tokens, matrix(e, 3), into: y)
    Embedding.backward(matrix(pull, 3), tokens, embedding: de)
    let table = e.map(Double.init).rows(of: 3)
    expect(y, tokens.map { table[$0.index] })
    expectGradient(de.values, at: e) { values in
      Definition.weighted(tokens.map { values.rows(of: 3)[$0.index] }, by: pull)
    }
  }

  private func matrix(_ values: [Float], _ columns: Int) -> Matrix {
    Matrix(values, columns: columns, in: arena)
  }

  /// Whether a result is that of the definition, to a few units in the last place.
  private func expect(_ y: Matrix, _ expected: Rows) {
    #expect(y.values.count == expected.joined().count)
    for (value, exact) in zip(y.values, expected.joined()) {
      #expect((Double(value) - exact).magnitude < 1e-5)
    }
  }
}
