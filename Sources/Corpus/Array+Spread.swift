extension Array {
  /// At most `count` of the elements, evenly spread; all of them where none is named.
  package func spread(_ count: Int?) -> [Element] {
    guard let count, count < self.count else { return self }
    return (0..<count).map { self[$0 * self.count / count] }
  }
}
