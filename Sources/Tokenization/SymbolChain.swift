/// A piece of text while it is being merged: a token, or a character that is none yet.
struct Symbol {
  /// The token, or a negative number.
  var id: Int32
  /// Where the piece lies in the text's bytes.
  var range: Range<Int>
  /// The neighbours in the chain; -1 at its ends. A symbol merged into its left neighbour has
  /// an empty range.
  var previous: Int
  var next: Int
}

/// What two neighbours become when they are merged.
struct Merge {
  /// The lower, the sooner.
  var priority: Float
  /// The token they become.
  var id: Int32
}

/// Says which neighbours can be merged, and how soon.
protocol MergeRule {
  /// The merge of two neighbouring symbols, or nil when they stay apart.
  func merge(_ left: Symbol, _ right: Symbol) -> Merge?
}

/// A word as a doubly linked list of symbols, merged pair by pair: the pair of the lowest priority
/// first, of equal ones the leftmost. Both byte-pair encoding and SentencePiece are this loop with
/// different rules. Costs O(n log n) for n symbols.
struct SymbolChain {
  private(set) var symbols: [Symbol] = []
  private var queue = MergeQueue()

  /// Empties the chain and keeps its memory.
  mutating func removeAll() { symbols.removeAll(keepingCapacity: true) }

  /// Adds a symbol at the end.
  mutating func append(id: Int32, range: Range<Int>) {
    let index = symbols.count
    if index > 0 { symbols[index - 1].next = index }
    symbols.append(Symbol(id: id, range: range, previous: index - 1, next: -1))
  }

  /// Merges until no rule applies. What is left has a non-empty range.
  mutating func merge(by rule: some MergeRule) {
    for index in symbols.indices.dropFirst() { enqueue(index - 1, index, by: rule) }
    while let candidate = queue.popFirst() {
      let (left, right) = (candidate.left, candidate.right)
      // A candidate is out of date once either side has changed: then the two do not cover
      // the same bytes any more.
      guard !symbols[left].range.isEmpty, !symbols[right].range.isEmpty,
        symbols[left].range.count + symbols[right].range.count == candidate.length
      else { continue }
      let next = symbols[right].next
      symbols[left].id = candidate.id
      symbols[left].range = symbols[left].range.lowerBound..<symbols[right].range.upperBound
      symbols[left].next = next
      symbols[right].range = symbols[right].range.upperBound..<symbols[right].range.upperBound
      if next >= 0 { symbols[next].previous = left }
      enqueue(symbols[left].previous, left, by: rule)
      enqueue(left, next, by: rule)
    }
  }

  private mutating func enqueue(_ left: Int, _ right: Int, by rule: some MergeRule) {
    guard left >= 0, right >= 0, let merge = rule.merge(symbols[left], symbols[right]) else {
      return
    }
    queue.insert(
      MergeCandidate(
        priority: merge.priority, left: left, right: right, id: merge.id,
        length: symbols[left].range.count + symbols[right].range.count))
  }
}
