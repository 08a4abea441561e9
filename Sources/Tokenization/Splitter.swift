/// One pass that cuts a text into words, as one regular expression of a pre-tokenizer would:
/// each match is a word, and so is each run between matches.
///
/// Written as scanners, after the expressions in the comments (HuggingFace `tokenizer.json`
/// files; llama.cpp `src/llama-vocab.cpp` has the same list). No match reaches beyond the piece
/// it begins in, so passes can follow each other.
enum Splitter: Hashable, Sendable {
  /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
  case gpt2
  /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,digits}`
  /// `| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
  case llama3(digits: Int)
  /// `[^\r\n\p{L}\p{N}]?U*L+C?|[^\r\n\p{L}\p{N}]?U+L*C?|\p{N}{1,digits}`
  /// `| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+` with U = `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`,
  /// L = `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`, and C the contractions in any case, or nothing.
  case cased(digits: Int, contractions: Bool)
  /// `\p{N}{1,3}`
  case numberTriples
  /// `\p{N}`: each number on its own.
  case eachNumber
  /// `\p{N}+`
  case numbers
  /// `[0-9][0-9][0-9]`
  case digitTriples
  /// `[\p{P}$+<=>^~|]+`, and the grave accent too where `grave` says so.
  case punctuation(grave: Bool)

  /// Appends the words of `piece`, in order and without gaps.
  func split(_ piece: Range<Int>, of text: ScalarText, into words: inout [Range<Int>]) {
    var gap = piece.lowerBound
    var position = piece.lowerBound
    while position < piece.upperBound {
      let end = matchEnd(from: position, in: TextPiece(text: text, end: piece.upperBound))
      guard end > position else {
        position += 1
        continue
      }
      if gap < position { words.append(gap..<position) }
      words.append(position..<end)
      position = end
      gap = end
    }
    if gap < piece.upperBound { words.append(gap..<piece.upperBound) }
  }

  /// The end of the match that begins at `start`; `start` itself when there is none.
  private func matchEnd(from start: Int, in piece: TextPiece) -> Int {
    switch self {
    case .gpt2: piece.gpt2WordEnd(from: start)
    case .llama3(let digits): piece.llama3WordEnd(from: start, digits: digits)
    case .cased(let digits, let contractions):
      piece.casedWordEnd(from: start, digits: digits, contractions: contractions)
    case .numberTriples: piece.numberEnd(from: start, digits: 3)
    case .eachNumber: piece.has(.number, at: start) ? start + 1 : start
    case .numbers: piece.end(of: .number, from: start)
    case .digitTriples:
      (start..<start + 3).allSatisfy(piece.hasASCIIDigit(at:)) ? start + 3 : start
    case .punctuation(let grave):
      piece.end(from: start) { scalar, kind in
        kind == .punctuation || "$+<=>^~|".unicodeScalars.contains(scalar)
          || (grave && scalar == "`")
      }
    }
  }
}
