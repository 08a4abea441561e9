package import Dials
import Kernels

/// Work, counted exactly from shapes: multiply-accumulates and weight bytes.
package struct Work: Hashable, Sendable, BitwiseCopyable {
  /// Multiply-accumulates.
  package var macs = 0
  /// Weight bytes read; a pass reads a matrix once however many rows it has.
  package var bytes = 0

  /// No work.
  package init() {}

  /// Takes the work counted so far and starts again from nothing.
  package mutating func take() -> Work {
    defer { self = Work() }
    return self
  }

  /// The sum of two pieces of work.
  package static func + (a: Work, b: Work) -> Work {
    var sum = a
    sum.macs += b.macs
    sum.bytes += b.bytes
    return sum
  }

  /// The first piece of work without the second, which is part of it.
  package static func - (a: Work, b: Work) -> Work {
    var rest = a
    rest.macs -= b.macs
    rest.bytes -= b.bytes
    return rest
  }

  /// A piece of work, so many times.
  package static func * (work: Work, count: Int) -> Work {
    var product = work
    product.macs *= count
    product.bytes *= count
    return product
  }

  /// The part that one of `count` sharers pays: the first ones pay what cannot be divided.
  package func share(_ index: Int, of count: Int) -> Work {
    func part(_ whole: Int) -> Int { whole / count + (index < whole % count ? 1 : 0) }
    var share = Work()
    share.macs = part(macs)
    share.bytes = part(bytes)
    return share
  }

  mutating func addBlock(_ block: BlockView, rows: Int) {
    macs += block.macs * rows
    bytes += block.byteCount
  }

  /// A block of whose rows `big` take the big feed-forward.
  mutating func addBlock(_ block: BlockView, rows: Int, big: Int) {
    let feedForward = block.feedForwardWork
    macs += (block.macs - feedForward.macs) * rows
    bytes += block.byteCount - feedForward.bytes
    add(feedForward, rows: big)
  }

  /// What some rows take together of what takes `work` for one: nothing where there are none.
  mutating func add(_ work: Work, rows: Int) {
    macs += work.macs * rows
    if rows > 0 { bytes += work.bytes }
  }

  mutating func addFill(_ block: BlockView, rows: Int) {
    let work = block.fillWork
    macs += work.macs * rows
    bytes += work.bytes
  }

  mutating func addHead(_ head: MatrixView, rows: Int) {
    macs += head.macs * rows
    bytes += head.byteCount
  }

  /// A look at the whole head by its upper bits, and the logits finished of it, each from a row of
  /// the file.
  mutating func addCoarseHead(_ weights: Weights, rows: Int, finished: Int) {
    guard let coarse = weights.coarseHead else { return }
    macs += coarse.matrix.macs * rows + finished * coarse.matrix.columns
    bytes += coarse.byteCount + finished * coarse.rowByteCount
  }

  mutating func addModule(_ module: ExitModule, rows: Int) {
    macs += module.macs * rows
    bytes += module.byteCount
  }

  mutating func addGate(width: Int) {
    macs += width
    bytes += (width + 1) * MemoryLayout<Float>.size
  }

  mutating func addAttention(_ blueprint: Blueprint, positions: Int) {
    macs += 2 * blueprint.queryWidth * positions
  }

  mutating func addLookup(_ blueprint: Blueprint, scored: Int, found: Int) {
    macs += blueprint.queryWidth * (scored + 2 * found)
  }
}

extension Weights {
  /// What one token costs at a position, at full depth and with the LM head; without `pruned` and
  /// `reach`, the dense model's cost.
  package func denseWork(
    at position: Int, pruned: BlockSet = .none, reach: ReachSetting = .full, turns: [Int] = []
  ) -> Work {
    var work = Work()
    for (index, block) in blocks.enumerated() where !pruned.contains(BlockIndex(index)) {
      work.addBlock(block.view, rows: 1)
      let visible = BlockSpans(
        of: Position(position), reach: reach, turns: turns, window: blueprint.window)
      work.addAttention(blueprint, positions: visible.inBlock(blueprint.forms[index]).count)
    }
    return work + headWork
  }

  /// What one look at the whole LM head costs.
  package var headWork: Work {
    var work = Work()
    work.addHead(head, rows: 1)
    return work
  }
}
