/// What each exit would have said at every position of some texts, and whether full depth says the
/// same: enough to tell what any thresholds would have done, without the model.
package struct ExitTrace: Hashable, Sendable {
  /// One place where a token may be decided, at all positions.
  package struct Column: Hashable, Sendable {
    /// The probability of its most probable token there, among the tokens that it knows.
    package var confidence: [Float] = []
    /// The gate's value; nil where it has no gate.
    package var gate: [Float]?
    /// Whether that token is full depth's most probable one.
    package var agrees: [Bool] = []

    /// A column of these values.
    package init(confidence: [Float] = [], gate: [Float]? = nil, agrees: [Bool] = []) {
      self.confidence = confidence
      self.gate = gate
      self.agrees = agrees
    }
  }

  /// Blocks executed before each exit, ascending.
  package let depths: [Int]
  /// The exits, in the order of `depths`.
  package internal(set) var exits: [Column]
  /// The short head at full depth; nil where there is none.
  package internal(set) var last: Column?
  /// The positions of each text, one after another.
  package internal(set) var texts: [Range<Int>]
  /// Positions at which the text goes on as full depth would have it.
  package internal(set) var followed = 0

  /// Positions in all.
  package var count: Int { texts.last?.upperBound ?? 0 }

  /// A trace of no text.
  package init(depths: [Int], hasShortHead: Bool) {
    self.init(
      depths: depths, exits: depths.map { _ in Column() }, last: hasShortHead ? Column() : nil,
      texts: [])
  }

  /// A trace of these columns.
  package init(depths: [Int], exits: [Column], last: Column?, texts: [Range<Int>]) {
    self.depths = depths
    self.exits = exits
    self.last = last
    self.texts = texts
  }

  /// The trace of some of the texts, by number.
  package func texts(_ numbers: [Int]) -> ExitTrace {
    var part = ExitTrace(depths: depths, hasShortHead: last != nil)
    func add(_ column: Column, _ range: Range<Int>, to target: inout Column) {
      target.confidence += column.confidence[range]
      target.agrees += column.agrees[range]
      if let gate = column.gate { target.gate = (target.gate ?? []) + gate[range] }
    }
    for number in numbers {
      let range = texts[number]
      for exit in exits.indices { add(exits[exit], range, to: &part.exits[exit]) }
      if let last, var target = part.last {
        add(last, range, to: &target)
        part.last = target
      }
      part.texts.append(part.count..<part.count + range.count)
    }
    return part
  }
}
