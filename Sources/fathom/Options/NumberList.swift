import ArgumentParser

/// Numbers with commas between them, as options take them.
enum NumberList {
  /// The numbers in `text`; nil where a word is none or out of `range`, or there is none.
  static func parse<Number: LosslessStringConvertible & Comparable>(
    _ text: String, in range: ClosedRange<Number>
  ) -> [Number]? {
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = words.compactMap { Number(String($0)) }.filter(range.contains)
    return numbers.count < words.count ? nil : numbers
  }

  /// The depths that `--exits` names, each once, for a model of `blockCount` blocks.
  static func depths(_ text: String, blockCount: Int) throws -> [Int] {
    guard let depths = parse(text, in: 1...Int.max), depths.allSatisfy({ $0 < blockCount }),
      Set(depths).count == depths.count
    else {
      throw ValidationError(
        "--exits takes depths from 1 to \(blockCount - 1) with commas, such as 20,25.")
    }
    return depths
  }
}
