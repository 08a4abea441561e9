/// The end of an answer: why it ended, how long it took, and what it adds up to.
public struct EndRecord: Hashable, Codable, Sendable {
  /// Why an answer ended. A record may hold a word that this program does not know.
  public struct Reason: RawRepresentable, Hashable, Codable, Sendable {
    /// The word.
    public let rawValue: String

    /// The reason with this word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The model said that it is done.
    public static let stop = Reason(rawValue: "stop")
    /// The limit on new tokens.
    public static let length = Reason(rawValue: "length")
    /// The person stopped it.
    public static let interrupt = Reason(rawValue: "interrupt")
    /// The context is full.
    public static let context = Reason(rawValue: "context")
    /// The text says the same over and over; `message` says what.
    public static let circle = Reason(rawValue: "circle")
    /// Something failed; `message` says what.
    public static let error = Reason(rawValue: "error")
  }

  /// Times, named as in llama-server.
  public struct Timings: Hashable, Codable, Sendable {
    /// Prompt tokens whose keys and values were already there.
    public var cacheN: Int
    /// Prompt tokens read.
    public var promptN: Int
    /// Milliseconds for reading them.
    public var promptMs: Double
    /// Tokens generated.
    public var predictedN: Int
    /// Milliseconds from the first token, which comes out of the prompt's own pass, to the end; without
    /// plain passes that were made beside the text to measure it.
    public var predictedMs: Double
    /// Tokens drafted.
    public var draftN: Int
    /// Of these, tokens accepted.
    public var draftNAccepted: Int

    /// Times of one answer.
    public init(
      cacheN: Int, promptN: Int, promptMs: Double, predictedN: Int, predictedMs: Double,
      draftN: Int, draftNAccepted: Int
    ) {
      self.cacheN = cacheN
      self.promptN = promptN
      self.promptMs = promptMs
      self.predictedN = predictedN
      self.predictedMs = predictedMs
      self.draftN = draftN
      self.draftNAccepted = draftNAccepted
    }

    /// Tokens per second behind the first one; nil when nothing was timed.
    public var predictedPerSecond: Double? {
      predictedMs > 0 && predictedN > 1 ? Double(predictedN - 1) * 1000 / predictedMs : nil
    }

    /// Prompt tokens per second; nil when nothing was timed.
    public var promptPerSecond: Double? {
      promptMs > 0 ? Double(promptN) * 1000 / promptMs : nil
    }
  }

  /// Work that no token's record counts: rows that waited to the end for their keys and values.
  public struct Fill: Hashable, Codable, Sendable {
    /// Multiply-accumulates.
    public var macs: Int
    /// Weight bytes read.
    public var bytesRead: Int

    /// Work with these counts.
    public init(macs: Int, bytesRead: Int) {
      self.macs = macs
      self.bytesRead = bytesRead
    }
  }

  /// The message that ended.
  public var turn: Int
  /// The number of the answer.
  public var answer: Int?
  /// Why.
  public var reason: Reason
  /// What went wrong and what to do, when the reason is `error`; else, that the text runs in a circle, if
  /// it does.
  public var message: String?
  /// How long it took.
  public var timings: Timings
  /// What was filled after the last token, if anything was.
  public var fill: Fill?
  /// The command line that gives this answer again.
  public var repro: String?
  /// Nanoseconds since the session began.
  public var tNs: Int

  /// An end with these properties.
  public init(
    turn: Int, answer: Int? = nil, reason: Reason, message: String? = nil, timings: Timings,
    fill: Fill? = nil, repro: String? = nil, tNs: Int
  ) {
    self.turn = turn
    self.answer = answer
    self.reason = reason
    self.message = message
    self.timings = timings
    self.fill = fill
    self.repro = repro
    self.tNs = tNs
  }
}
