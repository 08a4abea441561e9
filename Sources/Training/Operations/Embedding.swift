package import Dials

/// The rows of the embedding that tokens stand for.
package enum Embedding {
  /// `y[i] = e[tokens[i]]`; e is [vocabulary, d], y is [n, d].
  package static func forward(_ tokens: [TokenID], _ e: Matrix, into y: Matrix) {
    for (row, token) in tokens.enumerated() {
      y[row].update(from: e[token.index], count: e.columns)
    }
  }

  /// `de[tokens[i]] += dy[i]`.
  package static func backward(_ dy: Matrix, _ tokens: [TokenID], embedding de: Matrix) {
    for (row, token) in tokens.enumerated() {
      let (to, from) = (de[token.index], dy[row])
      for i in 0..<de.columns { to[i] += from[i] }
    }
  }
}
