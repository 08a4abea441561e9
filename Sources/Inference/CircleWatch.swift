package import Dials

/// Notices that a text runs in a circle: that it says the same tokens over and over, with nothing between.
///
/// For every period up to ``longestPeriod`` it counts how many tokens in a row equal the one so many
/// places before. Small models that always take the most probable token often come to such a circle
/// and never leave it. The numbers were found with the default model on one side and real texts on the
/// other:
///
/// - of 60 answers at temperature 0 to prompts of many kinds (stories, lists, code, tables, poems, raw
///   beginnings), 37 had not ended after 800 tokens. 27 had reached the limit by then, in circles of 1 to
///   54 tokens: a sentence, a couplet, the row of a table. None of them left it by itself. Of the circles
///   that were noticed earlier four did, and one that a limit of 8 times would have stopped;
/// - 7.0 million tokens of books, web pages, encyclopaedia, code, word problems, instructions and this
///   project's own files hold no place that reaches the limit. 15 million tokens of programs and data
///   files of a system hold nine: tables of numbers in which a row is all the same. 34 places of the former
///   are noticed; that leads to a word at the end of an answer, and ends none;
/// - what a person may ask for and what is rightly said over stays below the limit: rules of tables with
///   40 columns, lines of dashes, spaces or 90 digits, 10 rows of 10 zeros, a square of asterisks, 50
///   times yes.
package struct CircleWatch: Hashable, Sendable {
  /// What a text says over and over.
  package struct Circle: Hashable, Sendable, CustomStringConvertible {
    /// Tokens until it begins again.
    package let period: Int
    /// How many times it was said, the first one included.
    package let times: Int

    package var description: String {
      "The text runs in a circle: its last "
        + (period == 1 ? "token \(times) times over." : "\(period) tokens \(times) times over.")
    }
  }

  /// The most tokens that a circle has.
  package static let longestPeriod = 128
  /// How many times over an answer says the same until it is stopped, where nothing else is chosen.
  package static let usualLimit = 10
  /// The fewest times over that may stop an answer: well above what is noticed, so that an answer that
  /// goes on a few tokens before its stop still is in a circle.
  package static let leastLimit = 5
  /// A circle that has fewer tokens than this, all times together, stops no answer.
  package static let limitLength = 128

  /// The last tokens, each at its number modulo ``longestPeriod``.
  private var recent: [TokenID]
  /// By period less 1, how many tokens in a row equal the one so many before.
  private var runs: [Int]
  /// Tokens so far.
  private var count = 0

  /// A text that has not begun.
  package init() {
    recent = Array(repeating: TokenID(0), count: Self.longestPeriod)
    runs = Array(repeating: 0, count: Self.longestPeriod)
  }

  /// Takes in the text's next token. A few hundred operations, and no memory.
  package mutating func take(_ token: TokenID) {
    for index in 0..<min(count, Self.longestPeriod) {
      let before = recent[(count - index - 1) % Self.longestPeriod]
      runs[index] = before == token ? runs[index] + 1 : 0
    }
    recent[count % Self.longestPeriod] = token
    count += 1
  }

  /// The shortest circle that the text has run at least `times` times, two or more, and for `length`
  /// tokens; nil where there is none.
  package func circle(times: Int, length: Int) -> Circle? {
    for (index, run) in runs.enumerated() where run > 0 {
      let (period, said) = (index + 1, run + index + 1)
      if said >= length, said >= times * period {
        return Circle(period: period, times: said / period)
      }
    }
    return nil
  }

  /// The circle that a person is told of.
  package var noticed: Circle? { circle(times: 4, length: 24) }
}

/// Where an answer stops because it runs in a circle.
struct CircleLimit {
  private(set) var watch = CircleWatch()
  /// How many times over; 0: nowhere.
  let times: Int
  /// Whether the text is in a circle in which it is not stopped.
  private var isFree = false

  /// A limit for an answer that has said `begun`. Who goes on in a circle was told of it, and is not
  /// stopped before the text has left it.
  init(times: Int, after begun: some Sequence<TokenID>) {
    self.times = times
    for token in begun { watch.take(token) }
    isFree = watch.noticed != nil
  }

  /// Takes in the answer's next token. Whether the answer stops behind it.
  mutating func isReached(by token: TokenID) -> Bool {
    watch.take(token)
    isFree = isFree && watch.noticed != nil
    return times > 0 && !isFree
      && watch.circle(times: times, length: CircleWatch.limitLength) != nil
  }
}
