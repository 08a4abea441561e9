/// The bytes of one tensor, which stay mapped as long as this value lives.
package struct TensorBytes: Sendable {
  private let owner: MappedBytes
  private let range: Range<Int>

  init(owner: MappedBytes, range: Range<Int>) {
    self.owner = owner
    self.range = range
  }

  /// Calls `body` with the bytes. They must not escape.
  package func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try body(UnsafeRawBufferPointer(rebasing: owner.buffer[range]))
  }

  /// Lets go of the memory that holds the mapped file; bytes touched later are read from it again.
  package func releasePages() { owner.releasePages() }
}
