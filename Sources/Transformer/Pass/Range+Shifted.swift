extension Range<Int> {
  /// The range moved up by `offset`.
  func shifted(by offset: Int) -> Range<Int> { lowerBound + offset..<upperBound + offset }
}
