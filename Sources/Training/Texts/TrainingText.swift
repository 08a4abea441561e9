package import Dials
import Tokenization

/// Tokens to learn from, and which of them are learnt: what the assistant says, or all of a plain
/// text.
package struct TrainingText: Hashable, Sendable {
  /// The text.
  package var tokens: [TokenID]
  /// The tokens that are to be predicted, as ranges of `tokens`, ascending; never the first token.
  package var targets: [Range<Int>]
  /// Whether it is kept for measuring and never trained on.
  package var isHeldOut: Bool

  /// A text.
  package init(tokens: [TokenID], targets: [Range<Int>], isHeldOut: Bool = false) {
    self.tokens = tokens
    self.targets = targets
    self.isHeldOut = isHeldOut
  }

  /// How many tokens are learnt.
  package var targetCount: Int { targets.reduce(0) { $0 + $1.count } }

  /// The positions whose next token is learnt.
  package var positions: [Int] { targets.flatMap { $0.map { $0 - 1 } } }

  /// No more than `length` tokens: what goes beyond is left out.
  func truncated(to length: Int) -> TrainingText {
    guard tokens.count > length else { return self }
    let kept = targets.map { $0.clamped(to: 0..<length) }.filter { !$0.isEmpty }
    return TrainingText(
      tokens: Array(tokens.prefix(length)), targets: kept, isHeldOut: isHeldOut)
  }
}

/// A number of 64 bits for a series of tokens or numbers (FNV-1a; Fowler, Noll and Vo), to tell texts or
/// values apart.
struct TokenHash {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ tokens: some Sequence<TokenID>) {
    for token in tokens { add(UInt32(bitPattern: token.rawValue)) }
    add(UInt32.max)
  }

  mutating func add(_ numbers: UnsafeBufferPointer<Float>) {
    for number in numbers { add(number.bitPattern) }
  }

  /// Sixteen hexadecimal digits.
  var digits: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private mutating func add(_ word: UInt32) {
    for shift in stride(from: UInt32(0), to: 32, by: 8) {
      value = (value ^ UInt64(word >> shift & 0xff)) &* 0x100_0000_01b3
    }
  }
}

extension [TrainingText] {
  /// Sixteen hexadecimal digits that tell these texts, in this order, from others.
  package var fingerprint: String {
    var hash = TokenHash()
    for text in self { hash.add(text.tokens) }
    return hash.digits
  }
}
