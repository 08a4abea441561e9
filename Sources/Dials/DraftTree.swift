/// Guesses for the next tokens, to be verified by one pass.
///
/// Node order is topological: a parent comes before its children. A chain is the simplest tree.
public struct DraftTree: Hashable, Sendable {
  /// One guessed token.
  public struct Node: Hashable, Sendable {
    /// The guess.
    public var token: TokenID
    /// The node it follows; nil when it follows the last committed token.
    public var parent: Int?

    /// A guess that follows `parent`.
    public init(token: TokenID, parent: Int?) {
      self.token = token
      self.parent = parent
    }
  }

  /// The guesses, parents first.
  public private(set) var nodes: [Node] = []

  /// No guesses: plain decoding.
  public init() {}

  /// Guesses that follow one another.
  public init(chain tokens: some Sequence<TokenID>) {
    for token in tokens { append(token, after: nodes.indices.last) }
  }

  /// Adds a guess and returns its index.
  @discardableResult
  public mutating func append(_ token: TokenID, after parent: Int?) -> Int {
    precondition(
      parent.map { nodes.indices.contains($0) } ?? true, "a parent comes before its child")
    nodes.append(Node(token: token, parent: parent))
    return nodes.count - 1
  }

  /// The child of `parent` that guesses `token`, if there is one.
  public func child(of parent: Int?, holding token: TokenID) -> Int? {
    nodes.firstIndex { $0.parent == parent && $0.token == token }
  }
}
