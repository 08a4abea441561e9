/// Draft tokens, to be verified by one pass.
///
/// Node order is topological: a parent comes before its children. A chain is the simplest tree.
public struct DraftTree: Hashable, Sendable {
  /// One drafted token.
  public struct Node: Hashable, Sendable {
    /// The draft token.
    public var token: TokenID
    /// The node it follows; nil when it follows the last decided token.
    public var parent: Int?
    /// Whose draft token it is; of several, whose word counted most.
    public var source: DraftSource
    /// How likely it was held to become part of the text, 0...1; nil where nobody said.
    public var chance: Double?

    /// A draft token that follows `parent`.
    public init(token: TokenID, parent: Int?, source: DraftSource, chance: Double? = nil) {
      self.token = token
      self.parent = parent
      self.source = source
      self.chance = chance
    }
  }

  /// The draft tokens, parents first.
  public private(set) var nodes: [Node] = []

  /// No draft tokens: plain decoding.
  public init() {}

  /// Draft tokens that follow one another.
  public init(chain tokens: some Sequence<TokenID>, source: DraftSource) {
    for token in tokens { append(token, after: nodes.indices.last, source: source) }
  }

  /// How many draft tokens there are.
  public var count: Int { nodes.count }

  /// Adds a draft token and returns its index.
  @discardableResult
  public mutating func append(
    _ token: TokenID, after parent: Int?, source: DraftSource, chance: Double? = nil
  ) -> Int {
    precondition(
      parent.map { nodes.indices.contains($0) } ?? true, "a parent comes before its child")
    nodes.append(Node(token: token, parent: parent, source: source, chance: chance))
    return nodes.count - 1
  }

  /// The child of `parent` that is `token`, if there is one.
  public func child(of parent: Int?, holding token: TokenID) -> Int? {
    nodes.firstIndex { $0.parent == parent && $0.token == token }
  }

  /// Whether anything is drafted to follow `parent`.
  public func hasChild(_ parent: Int?) -> Bool { nodes.contains { $0.parent == parent } }

  /// The draft tokens from the first to `node`, which is the last.
  public func path(to node: Int?) -> [TokenID] {
    var tokens: [TokenID] = []
    var here = node
    while let index = here {
      tokens.append(nodes[index].token)
      here = nodes[index].parent
    }
    return tokens.reversed()
  }

  /// How many draft tokens lead to `node`, itself included.
  public func depth(of node: Int?) -> Int {
    var depth = 0
    var here = node
    while let index = here {
      depth += 1
      here = nodes[index].parent
    }
    return depth
  }

  /// The first draft token for each place, one after another: a tree without branches.
  public var spine: DraftTree {
    var spine = DraftTree()
    var here: Int?
    while let next = nodes.indices.first(where: { nodes[$0].parent == here && $0 > here ?? -1 }) {
      let node = nodes[next]
      spine.append(
        node.token, after: spine.nodes.indices.last, source: node.source, chance: node.chance)
      here = next
    }
    return spine
  }

  /// The tree without its draft tokens deeper than `depth` and with at most `count` of them.
  public func trimmed(depth: Int, count: Int) -> DraftTree {
    var trimmed = DraftTree()
    trimmed.graft(self, depth: depth, count: count)
    return trimmed
  }

  /// Whether the tree is at most so deep and has at most `count` draft tokens.
  public func fits(depth: Int, count: Int) -> Bool {
    self.count <= count && nodes.indices.allSatisfy { self.depth(of: $0) <= depth }
  }

  /// Adds the draft tokens of another tree, where there is none like them, as far as `depth` and until
  /// there are `count`.
  public mutating func graft(_ other: DraftTree, depth: Int, count: Int) {
    var places: [Int?] = []
    for node in other.nodes {
      let parent = node.parent.flatMap { places[$0] }
      if node.parent != nil && parent == nil || self.depth(of: parent) >= depth {
        places.append(nil)
      } else if let child = child(of: parent, holding: node.token) {
        places.append(child)
      } else if self.count < count {
        places.append(
          append(node.token, after: parent, source: node.source, chance: node.chance))
      } else {
        places.append(nil)
      }
    }
  }
}
