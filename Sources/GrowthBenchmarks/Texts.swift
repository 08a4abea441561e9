/// Texts of one kind of character, of any length.
enum Texts {
  /// What each kind repeats.
  static let kinds: [(name: String, unit: String)] = [
    ("digits", "0123456789"), ("spaces", " "), ("line feeds", "\n"),
    ("tabs and line feeds", "\t\n"),
    ("one letter", "a"), ("words", "the quick brown fox jumps over the lazy dog, "),
    ("letters without a space", "sphinxofblackquartzjudgemyvow"), ("apostrophes", "'"),
    ("contractions", "'ll"), ("punctuation", "!?.,;:-_()[]{}<>=+*&^%$#@~"), ("marks", "\u{301}"),
    ("letters with marks", "e\u{301}\u{323}"), ("emoji", "😀"),
    ("joined emoji", "👩\u{200d}👩\u{200d}👧"), ("one joined emoji", "👧\u{200d}"), ("flags", "🇨🇭"),
    ("CJK", "漢字仮名交じり文"), ("Devanagari", "क्ष"), ("special tokens", "<|im_start|>"),
    ("beginnings of special tokens", "<|"),
  ]

  /// A text of `count` scalars that repeats `unit`.
  static func text(of unit: String, count: Int) -> String {
    let unit = Array(unit.unicodeScalars)
    var text = String.UnicodeScalarView()
    for index in 0..<count { text.append(unit[index % unit.count]) }
    return String(text)
  }

  /// An answer in sentences and paragraphs, of `count` scalars.
  static func answer(count: Int) -> String {
    text(
      of: "It is said that the river carries what the mountain forgets. Nobody asks it why.\n"
        + "Some lines are short.\n\n- and some begin with a mark, and go on for longer than others\n",
      count: count)
  }
}
