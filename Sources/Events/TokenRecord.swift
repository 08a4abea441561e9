public import Dials

/// One token: what it is, how sure the model was, how deep it went and what that cost.
///
/// Probabilities are natural logarithms of the untempered distribution that decided the token.
public struct TokenRecord: Hashable, Codable, Sendable {
  /// Which part of a turn the token belongs to.
  public enum Phase: String, Hashable, RecordWord, Sendable {
    /// A committed token of the answer.
    case gen
    /// A draft that full depth rejected; it is not part of the text.
    case draft
  }

  /// Where and why the decision was taken.
  public struct Exit: Hashable, Codable, Sendable {
    /// Why the token left where it did: `full`, or the word of the technique that let it go. A record may
    /// hold a word that this program does not know.
    public struct Reason: RawRepresentable, Hashable, Codable, Sendable {
      /// The word.
      public let rawValue: String

      /// The reason with this word.
      public init(rawValue: String) { self.rawValue = rawValue }

      /// It ran to the last block.
      public static let full = Reason(rawValue: "full")
    }

    /// Blocks executed for the decision (1...n).
    public var layers: Int
    /// Why there.
    public var reason: Reason
    /// The measured confidence at the exit, if one was asked for.
    public var conf: Float?
    /// The threshold in force there.
    public var thr: Float?
    /// Looks at the vocabulary that were paid for, the deciding one not counted.
    public var probes: Int
    /// What the policy was shown, shallow to deep: with it the decision can be taken again without a
    /// model. Empty when the policy asked for nothing.
    public var readouts: [Readout]
    /// What gates said on the way, shallow to deep; nil where none was asked.
    public var gates: [GateReading]?
    /// What the router of each block on the way said; nil where none was asked.
    public var scores: [Float]?

    /// Why the token left early, as its policy said it; nil where it did not.
    public var left: ExitReason? {
      reason == .full
        ? nil : ExitReason(reason.rawValue, confidence: conf, threshold: thr)
    }

    /// What the policy was shown.
    public var evidence: Evidence {
      Evidence(readouts: readouts, gates: gates ?? [], scores: scores ?? [])
    }

    /// A decision after `layers` blocks for a reason; nil: at the last one. Of the readouts shown,
    /// `probes` did not decide.
    public init(layers: Int, left reason: ExitReason?, evidence: Evidence, probes: Int) {
      self.init(
        layers: layers, reason: reason.map { Reason(rawValue: $0.word) } ?? .full,
        conf: reason?.confidence, thr: reason?.threshold, probes: probes,
        readouts: evidence.readouts, gates: evidence.gates.isEmpty ? nil : evidence.gates,
        scores: evidence.scores.isEmpty ? nil : evidence.scores)
    }

    /// A decision with these properties.
    public init(
      layers: Int, reason: Reason, conf: Float? = nil, thr: Float? = nil, probes: Int = 0,
      readouts: [Readout] = [], gates: [GateReading]? = nil, scores: [Float]? = nil
    ) {
      self.layers = layers
      self.reason = reason
      self.conf = conf
      self.thr = thr
      self.probes = probes
      self.readouts = readouts
      self.gates = gates
      self.scores = scores
    }
  }

  /// What drafting had to do with the token.
  public struct Speculation: Hashable, Codable, Sendable {
    /// What became of it. A record may hold a word that this program does not know.
    public struct Status: RawRepresentable, Hashable, Codable, Sendable {
      /// The word.
      public let rawValue: String

      /// The status with this word.
      public init(rawValue: String) { self.rawValue = rawValue }

      /// Drafted, and full depth chose the same.
      public static let accepted = Status(rawValue: "accepted")
      /// Drafted, and full depth chose another: not part of the text.
      public static let rejected = Status(rawValue: "rejected")
      /// Chosen by full depth in place of a rejected draft.
      public static let corrected = Status(rawValue: "corrected")
      /// Chosen by full depth after the last accepted draft, for free.
      public static let bonus = Status(rawValue: "bonus")
    }

    /// The number of the round in the answer.
    public var round: Int
    /// Tokens drafted in the round.
    public var k: Int
    /// The token's place among them, from 0.
    public var idx: Int
    /// What became of it.
    public var status: Status
    /// Blocks executed for the draft at this place, if there was one.
    public var draftLayers: Int?
    /// How likely the draft was held to be: at its exit, its own probability; in a tree, the product of
    /// the chances on its path.
    public var pDraft: Float?
    /// Whose draft it is, if it was one.
    public var source: DraftSource?

    /// A place in a round.
    public init(
      round: Int, k: Int, idx: Int, status: Status, draftLayers: Int? = nil, pDraft: Float? = nil,
      source: DraftSource? = nil
    ) {
      self.round = round
      self.k = k
      self.idx = idx
      self.status = status
      self.draftLayers = draftLayers
      self.pDraft = pDraft
      self.source = source
    }
  }

  /// An alternative with its logarithmic probability.
  public struct Alternative: Hashable, Codable, Sendable {
    /// The token.
    public var id: TokenID
    /// Its text, lossy UTF-8.
    public var token: String
    /// Its natural logarithmic probability.
    public var logprob: Float

    /// An alternative token.
    public init(id: TokenID, token: String, logprob: Float) {
      self.id = id
      self.token = token
      self.logprob = logprob
    }
  }

  /// The key/value cache after the token.
  public struct Cache: Hashable, Codable, Sendable {
    /// Positions in use.
    public var used: Int
    /// Bytes they take.
    public var bytes: Int
    /// Block rows of this token that were filled from its exit state instead of computed.
    public var filled: Int

    /// A cache state.
    public init(used: Int, bytes: Int, filled: Int) {
      self.used = used
      self.bytes = bytes
      self.filled = filled
    }
  }

  /// What attention could see when the token was decided, where its reach is limited.
  public struct Attention: Hashable, Codable, Sendable {
    /// Positions seen, the token's own row included.
    public var seen: Int
    /// Positions of the text that were out of sight.
    public var forgotten: Int
    /// The share of attention on the first positions, where they were out of the window: the mean
    /// over blocks and heads.
    public var sink: Float?

    /// Positions of the text, whatever a damaged record says: not negative, and fit to be counted with.
    public var total: Int { max(0, min(seen, 1 << 40)) + max(0, min(forgotten, 1 << 40)) }

    /// A view of the text.
    public init(seen: Int, forgotten: Int, sink: Float? = nil) {
      self.seen = seen
      self.forgotten = forgotten
      self.sink = sink
    }
  }

  /// Where the time of the token went, in microseconds; a round's time is shared by its tokens.
  public struct Time: Hashable, Codable, Sendable {
    /// All of it.
    public var total: Int
    /// Blocks.
    public var blocks: Int
    /// The deciding LM head, with the module of an exit.
    public var head: Int
    /// Gates, and looks at the vocabulary that did not decide.
    public var probes: Int
    /// Drawing the token.
    public var sample: Int
    /// Filling keys and values after an exit.
    public var fill: Int
    /// What a plain pass took here: one row through every block of the model, and the whole head. Of the
    /// round itself where it was such a pass, without what looking for drafts took, or else of one made
    /// beside it. Nil where nobody measured.
    public var plain: Int?
    /// A plain pass made beside the text, as a yardstick; no part of the total.
    public var beside: Int?

    /// Times in microseconds.
    public init(
      total: Int, blocks: Int, head: Int, probes: Int, sample: Int, fill: Int, plain: Int? = nil,
      beside: Int? = nil
    ) {
      self.total = total
      self.blocks = blocks
      self.head = head
      self.probes = probes
      self.sample = sample
      self.fill = fill
      self.plain = plain
      self.beside = beside
    }
  }

  /// Weight bytes by what they were read for, counted exactly; a round's are shared by its tokens.
  public struct Bytes: Hashable, Codable, Sendable {
    /// Blocks; a pass reads one once, however many rows it takes along.
    public var blocks: Int
    /// The looks at the vocabulary that decided: LM head or short head, and module of an exit.
    public var head: Int
    /// Gates, and looks at the vocabulary that decided nothing: head or short head, and module.
    public var probes: Int
    /// Blocks, or their keys and values, that only tokens which left early still needed.
    public var fill: Int
    /// What the dense model reads for a token.
    public var full: Int

    /// Bytes of these parts.
    public init(blocks: Int, head: Int, probes: Int, fill: Int, full: Int) {
      self.blocks = blocks
      self.head = head
      self.probes = probes
      self.fill = fill
      self.full = full
    }

    /// All that were read.
    public var total: Int {
      [head, probes, fill].reduce(blocks) { $0.addingClamped($1) }
    }

    /// The sum by parts.
    public static func + (a: Bytes, b: Bytes) -> Bytes {
      Bytes(
        blocks: a.blocks.addingClamped(b.blocks), head: a.head.addingClamped(b.head),
        probes: a.probes.addingClamped(b.probes), fill: a.fill.addingClamped(b.fill),
        full: a.full.addingClamped(b.full))
    }
  }

  /// What the token cost, counted exactly; a round's cost is shared by its tokens.
  public struct Cost: Hashable, Codable, Sendable {
    /// Multiply-accumulates done: blocks, attention, heads, probes, fill.
    public var macs: Int
    /// Multiply-accumulates of the dense model for the same token.
    public var macsFull: Int
    /// Weight bytes read.
    public var bytesRead: Int
    /// What for; nil in older records, and for a rejected draft, which costs nothing of its own.
    public var bytes: Bytes?

    /// A cost with these counts.
    public init(macs: Int, macsFull: Int, bytesRead: Int, bytes: Bytes? = nil) {
      self.macs = macs
      self.macsFull = macsFull
      self.bytesRead = bytesRead
      self.bytes = bytes
    }
  }

  /// The message the token belongs to.
  public var turn: Int
  /// The number of the answer.
  public var answer: Int?
  /// Its place in the answer, from 0.
  public var i: Int
  /// Its position in the whole text.
  public var pos: Position
  /// Nanoseconds since the session began, at commit.
  public var tNs: Int
  /// Whether it is part of the text.
  public var phase: Phase
  /// The token.
  public var id: TokenID
  /// Its text, lossy UTF-8, control characters untouched: never send it to a terminal raw.
  public var token: String
  /// Its bytes; a token may be half a character.
  public var bytes: [UInt8]
  /// Whether it is a control token such as the end of the turn.
  public var special: Bool
  /// Its logarithmic probability.
  public var logprob: Float
  /// How many tokens were more probable.
  public var rank: Int
  /// The entropy of the distribution in nats.
  public var entropy: Float
  /// The probability of the best less that of the second.
  public var margin: Float
  /// The uniform number drawn, if the token was sampled.
  public var u: Float?
  /// The most probable tokens.
  public var topLogprobs: [Alternative]
  /// What happened in every block.
  public var depth: DepthLine
  /// Where the decision was taken.
  public var exit: Exit
  /// What drafting had to do with it.
  public var spec: Speculation?
  /// The cache after it.
  public var kv: Cache
  /// What attention could see; nil where it sees everything.
  public var attn: Attention?
  /// Where its time went.
  public var time: Time
  /// What it cost.
  public var cost: Cost

  /// A token with these properties.
  public init(
    turn: Int, answer: Int? = nil, i: Int, pos: Position, tNs: Int, phase: Phase, id: TokenID,
    token: String,
    bytes: [UInt8], special: Bool, logprob: Float, rank: Int, entropy: Float, margin: Float,
    u: Float?, topLogprobs: [Alternative], depth: DepthLine, exit: Exit, spec: Speculation?,
    kv: Cache, attn: Attention? = nil, time: Time, cost: Cost
  ) {
    self.turn = turn
    self.answer = answer
    self.i = i
    self.pos = pos
    self.tNs = tNs
    self.phase = phase
    self.id = id
    self.token = token
    self.bytes = bytes
    self.special = special
    self.logprob = logprob
    self.rank = rank
    self.entropy = entropy
    self.margin = margin
    self.u = u
    self.topLogprobs = topLogprobs
    self.depth = depth
    self.exit = exit
    self.spec = spec
    self.kv = kv
    self.attn = attn
    self.time = time
    self.cost = cost
  }
}
