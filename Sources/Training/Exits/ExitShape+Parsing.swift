package import Transformer

extension ExitShape.Kind: CustomStringConvertible {
  /// The notation in one line, for help texts and remedies.
  package static let notation = "none, linear, lowrank:64, mlp:512 or mlp:512+linear"

  /// Reads the notation of the command line.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    switch (parts.first, parts.count) {
    case ("none", 1): self = .none
    case ("linear", 1): self = .linear
    case ("lowrank", 2):
      guard let rank = Int(parts[1]), (1...4096).contains(rank) else { return nil }
      self = .lowRank(rank)
    case ("mlp", 2):
      let isPlain = !parts[1].hasSuffix("+linear")
      let digits = isPlain ? parts[1] : parts[1].dropLast("+linear".count)
      guard let inner = Int(digits), (1...65536).contains(inner) else { return nil }
      self = .gated(inner: inner, linear: !isPlain)
    default: return nil
    }
  }

  /// The notation; `init` reads it back.
  package var description: String {
    switch self {
    case .none: "none"
    case .linear: "linear"
    case .lowRank(let rank): "lowrank:\(rank)"
    case .gated(let inner, let linear): "mlp:\(inner)\(linear ? "+linear" : "")"
    }
  }
}
