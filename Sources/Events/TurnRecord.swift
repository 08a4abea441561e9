public import Dials
public import Techniques

/// Who says a message.
public enum Role: String, Hashable, RecordWord, Sendable {
  /// Instructions that frame the conversation.
  case system
  /// The person.
  case user
  /// The model.
  case assistant
}

/// A message of the conversation. The answer's own record comes first; its text is the tokens that
/// follow, behind the text that it goes on from.
public struct TurnRecord: Hashable, Codable, Sendable {
  /// The number of the message in the conversation, from 0.
  public var turn: Int
  /// Who says it.
  public var role: Role
  /// What is said; of an answer only what it goes on from, which is nothing where it begins.
  public var text: String
  /// Tokens of the prompt that this turn has to read, template included.
  public var nPrompt: Int
  /// Of these, tokens whose keys and values were already there.
  public var nCached: Int
  /// The number of the answer in the session, from 1: an answer that is given again has a number of its
  /// own. Nil for other messages, and in older records.
  public var answer: Int?
  /// What the answer is made with; nil for other messages, and in older records.
  public var made: AnswerSettings?
  /// Whether the prompt of an answer ends in the mark that begins reasoning, so that the answer begins
  /// in the middle of it; nil where it does not.
  public var opensThought: Bool?
  /// Nanoseconds since the session began.
  public var tNs: Int

  /// A message with these properties.
  public init(
    turn: Int, role: Role, text: String, nPrompt: Int = 0, nCached: Int = 0, answer: Int? = nil,
    made: AnswerSettings? = nil, opensThought: Bool? = nil, tNs: Int
  ) {
    self.turn = turn
    self.role = role
    self.text = text
    self.nPrompt = nPrompt
    self.nCached = nCached
    self.answer = answer
    self.made = made
    self.opensThought = opensThought
    self.tNs = tNs
  }
}

/// A setting that changed while the session ran.
public struct ParameterRecord: Hashable, Codable, Sendable {
  /// What changed, such as `exit-policy`.
  public var key: String
  /// The value before, as a person would type it.
  public var old: String
  /// The value from now on.
  public var new: String
  /// The dials from now on, if they are what changed.
  public var policy: DialSettings?
  /// The adapter from now on, if it is what changed to one.
  public var adapter: SessionRecord.Adapter?
  /// What runs from now on, where a session goes on from the records of another one.
  public var session: SessionRecord?
  /// Nanoseconds since the session began.
  public var tNs: Int

  /// A change of `key`.
  public init(
    key: String, old: String, new: String, policy: DialSettings? = nil,
    adapter: SessionRecord.Adapter? = nil, session: SessionRecord? = nil, tNs: Int
  ) {
    self.key = key
    self.old = old
    self.new = new
    self.policy = policy
    self.adapter = adapter
    self.session = session
    self.tNs = tNs
  }
}
