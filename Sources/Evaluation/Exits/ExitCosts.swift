import Dials
import Kernels
import Techniques
package import Transformer

/// Weight bytes of what tokens with exits read, from the shapes that a pass counts by.
package struct ExitCosts: Hashable, Sendable {
  /// Blocks of the model.
  package let blockCount: Int
  /// Bytes of the blocks before each exit, and of all.
  private let before: [Int]
  /// Bytes of the key and value matrices behind each exit.
  private let fillBehind: [Int]
  /// Bytes of each exit's module with the head that it asks.
  private let probes: [Int]
  /// Bytes of a gate: a weight for each dimension of the stream, and its bias.
  private let gate: Int
  /// Bytes of the short head; 0 where there is none.
  private let shortHead: Int
  /// Bytes of a reading of the head that finds its most probable token.
  private let head: Int

  /// Bytes of a token at full depth.
  package var dense: Int { before[before.count - 1] + head }

  /// The costs of exits after `depths` blocks, ascending, which ask the short head where there is one.
  /// `headBytes` is what full depth's decision reads of the head, on average, where that is not
  /// all of it.
  package init(
    weights: Weights, exits: ExitModules?, depths: [Int], headBytes: Int? = nil
  ) {
    let blocks = weights.blocks.map(\.view)
    blockCount = blocks.count
    before = (depths + [blocks.count]).map { depth in
      blocks.prefix(depth).reduce(0) { $0 + $1.byteCount }
    }
    fillBehind = depths.map { depth in
      blocks.dropFirst(depth).reduce(0) { $0 + $1.key.byteCount + $1.value.byteCount }
    }
    head = headBytes ?? weights.head.byteCount
    gate = (weights.blueprint.width + 1) * MemoryLayout<Float>.size
    let short = exits?.shortHead?.matrix.byteCount
    shortHead = short ?? 0
    probes = depths.map { depth in
      (exits?.module(at: depth)?.byteCount ?? 0) + (short ?? weights.head.byteCount)
    }
  }

  /// An account of a text in which the blocks that a token left out are filled so.
  func account(fill: FillPolicy) -> Account { Account(costs: self, fill: fill) }

  /// The bytes of one text, token by token, as `Decoder` reads them.
  struct Account {
    private let costs: ExitCosts
    private let fill: FillPolicy
    /// Bytes so far.
    private(set) var bytes = 0
    /// Deferred tokens, and where the last of them left.
    private var deferred = 0
    private var place = 0

    fileprivate init(costs: ExitCosts, fill: FillPolicy) {
      self.costs = costs
      self.fill = fill
    }

    /// A gate is asked.
    mutating func askGate() { bytes += costs.gate }

    /// Module and head of an exit are asked.
    mutating func probe(_ exit: Int) { bytes += costs.probes[exit] }

    /// The token leaves at an exit.
    mutating func leave(at exit: Int) {
      bytes += costs.before[exit]
      switch fill {
      case .propagate: bytes += costs.fillBehind[exit]
      case .catchUp:
        deferred += 1
        place = exit
        if DeferredRows.areFull(deferred) { flush() }
      }
    }

    /// The short head is asked at full depth.
    mutating func askShortHead() { bytes += costs.shortHead }

    /// The token goes to the end and takes the deferred ones along.
    mutating func stay(readsHead: Bool) {
      bytes += costs.before[costs.before.count - 1] + (readsHead ? costs.head : 0)
      deferred = 0
    }

    /// The text is over.
    mutating func end() { flush() }

    /// One reading of the blocks behind the shallowest exit serves all deferred tokens: each is at
    /// least as deep as those behind it.
    private mutating func flush() {
      if deferred > 0 { bytes += costs.before[costs.before.count - 1] - costs.before[place] }
      deferred = 0
    }
  }
}
