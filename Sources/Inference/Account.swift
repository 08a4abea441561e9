import Events
import Transformer

/// Where the time and the work of a round go.
struct Account {
  /// What they are for.
  enum Part: Int, CaseIterable {
    /// Blocks that rows run through.
    case blocks
    /// The looks at the vocabulary that decide: head, and module of an exit.
    case head
    /// Gates, and looks at the vocabulary that decide nothing.
    case probes
    /// Drawing.
    case sample
    /// Keys and values of blocks that a token left out.
    case fill
  }

  /// What a part took.
  struct Entry {
    var nanoseconds = 0
    var work = Work()

    static func + (a: Entry, b: Entry) -> Entry {
      Entry(nanoseconds: a.nanoseconds + b.nanoseconds, work: a.work + b.work)
    }

    static func - (a: Entry, b: Entry) -> Entry {
      Entry(nanoseconds: a.nanoseconds - b.nanoseconds, work: a.work - b.work)
    }
  }

  private let start = ContinuousClock().now
  private var entries = [Entry](repeating: Entry(), count: Part.allCases.count)
  /// Nanoseconds from the beginning to `close`.
  private(set) var total = 0
  /// Of these, what went into draft tokens beside the pass that verifies them: to make them, to look at
  /// what others than plain decoding would need.
  var drafting = 0

  /// What `part` took so far.
  subscript(part: Part) -> Entry {
    get { entries[part.rawValue] }
    set { entries[part.rawValue] = newValue }
  }

  /// Nanoseconds since the round began.
  var elapsed: Int { (ContinuousClock().now - start).wholeNanoseconds }

  /// All work.
  var work: Work { entries.reduce(Work()) { $0 + $1.work } }

  /// Moves what was booked as one part to another.
  mutating func move(_ entry: Entry, from part: Part, to other: Part) {
    self[part] = self[part] - entry
    self[other] = self[other] + entry
  }

  /// Ends the round.
  mutating func close() { total = elapsed }

  /// The time of one of `count` tokens that share the round.
  func time(sharedBy count: Int) -> TokenRecord.Time {
    func share(_ nanoseconds: Int) -> Int { nanoseconds / count / 1000 }
    func microseconds(_ part: Part) -> Int { share(self[part].nanoseconds) }
    return TokenRecord.Time(
      total: share(total), blocks: microseconds(.blocks), head: microseconds(.head),
      probes: microseconds(.probes), sample: microseconds(.sample), fill: microseconds(.fill))
  }

  /// The cost of token `index` of `count` that share the round, beside `full`: what the dense model
  /// would have done for it. The shares add up to the whole.
  func cost(_ index: Int, of count: Int, full: Work) -> TokenRecord.Cost {
    func bytes(_ part: Part) -> Int { self[part].work.share(index, of: count).bytes }
    let parts = TokenRecord.Bytes(
      blocks: bytes(.blocks), head: bytes(.head), probes: bytes(.probes), fill: bytes(.fill),
      full: full.bytes)
    return TokenRecord.Cost(
      macs: work.share(index, of: count).macs, macsFull: full.macs, bytesRead: parts.total,
      bytes: parts)
  }
}

extension Decoder {
  /// Begins a new account.
  func beginAccount() {
    _ = pass.work.take()
    account = Account()
  }

  /// Books the time of `body`, and the work that the pass did in it.
  func book<Result>(_ part: Account.Part, _ body: () -> Result) -> Result {
    let before = account.elapsed
    let result = body()
    let time = account.elapsed - before
    account[part] = account[part] + Account.Entry(nanoseconds: time, work: pass.work.take())
    return result
  }
}

extension Duration {
  /// The duration in nanoseconds.
  package var wholeNanoseconds: Int {
    Int(components.seconds) * 1_000_000_000 + Int(components.attoseconds / 1_000_000_000)
  }

  /// The duration in milliseconds.
  package var milliseconds: Double { Double(wholeNanoseconds) / 1e6 }
}
