/// The name of one file of several that hold a model together, as `model-00002-of-00003.gguf`.
package struct SplitName: Hashable, Sendable {
  /// What comes before the numbers, with the folder.
  private let stem: Substring
  /// Which of the files it is, from 1.
  package let number: Int
  /// How many files there are.
  package let count: Int

  private static let (ending, digits) = (".gguf", 5)

  /// The parts of the name at the end of `path`; nil where it is no such name.
  package init?(_ path: String) {
    guard path.hasSuffix(Self.ending) else { return nil }
    var rest = path.dropLast(Self.ending.count)
    guard let count = Self.number(before: "-of-", in: &rest),
      let number = Self.number(before: "-", in: &rest), (1...count).contains(number)
    else { return nil }
    (stem, self.number, self.count) = (rest, number, count)
  }

  /// The path of file `number`.
  package func path(_ number: Int) -> String {
    "\(stem)-\(Self.padded(number))-of-\(Self.padded(count))\(Self.ending)"
  }

  /// The paths of all files, in order.
  package var paths: [String] { (1...count).map(path) }

  /// What all files are called, without the numbers: `model.gguf`.
  package var whole: String { stem + Self.ending }

  /// The number at the end of `text`, which is cut off with the `mark` before it; nil where there is none.
  private static func number(before mark: String, in text: inout Substring) -> Int? {
    let digits = text.suffix(Self.digits)
    let rest = text.dropLast(Self.digits)
    guard digits.count == Self.digits, digits.utf8.allSatisfy({ (48...57).contains($0) }),
      let number = Int(digits),
      number > 0, rest.hasSuffix(mark)
    else { return nil }
    text = rest.dropLast(mark.count)
    return number
  }

  private static func padded(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
