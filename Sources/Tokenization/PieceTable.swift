/// The texts of a vocabulary, in one run of bytes, and the index of each text.
///
/// Texts are compared byte by byte. (`String` compares by canonical equivalence, which would make
/// one token of two.) Open addressing with linear probing, at most half full.
struct PieceTable: Sendable {
  /// All texts, one after the other.
  private var storage: [UInt8] = []
  /// Where each text begins in `storage`, and where the last one ends: `count + 1` offsets.
  private var offsets: [Int] = [0]
  /// Indices of texts by hash; -1 is a free slot.
  private var slots: [Int32]
  /// The length of the longest text in bytes.
  private(set) var longest = 0

  /// A table of `texts`; of equal ones the first is found.
  init(_ texts: [String]) {
    var capacity = 16
    while capacity < 2 * texts.count { capacity *= 2 }
    slots = Array(repeating: -1, count: capacity)
    offsets.reserveCapacity(texts.count + 1)
    for text in texts {
      storage.append(contentsOf: text.utf8)
      offsets.append(storage.count)
    }
    for index in texts.indices {
      let bytes = self[index]
      longest = max(longest, bytes.count)
      let slot = slot(of: bytes)
      if slots[slot] < 0 { slots[slot] = Int32(index) }
    }
  }

  /// The number of texts.
  var count: Int { offsets.count - 1 }

  /// The bytes of text number `index`.
  subscript(index: Int) -> ArraySlice<UInt8> { storage[offsets[index]..<offsets[index + 1]] }

  /// The index of the first text that equals `bytes`, if there is one.
  func index(of bytes: ArraySlice<UInt8>) -> Int32? {
    guard bytes.count <= longest else { return nil }
    let index = slots[slot(of: bytes)]
    return index < 0 ? nil : index
  }

  /// The slot that holds `bytes`, or the free one where they would go.
  private func slot(of bytes: ArraySlice<UInt8>) -> Int {
    var hasher = Hasher()
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    var slot = hasher.finalize() & (slots.count - 1)
    while slots[slot] >= 0 && self[Int(slots[slot])] != bytes {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }
}
