import Foundation

/// Hidden states of the frozen base on disk: for each position the residual stream after each exit's
/// blocks, as float16, and the teacher's top-k next tokens. The teacher is the base at full depth.
///
/// The held-out positions come first. The file is mapped, so positions may be read in any order.
package struct HiddenCache: Sendable {
  /// What a cache holds, and of what it was made. Two caches of the same description are the same.
  package struct Description: Hashable, Codable, Sendable {
    /// The base model's fingerprint.
    package var base: String
    /// Blocks executed before each exit.
    package var depths: [Int]
    /// Width of the stream.
    package var width: Int
    /// Teacher tokens for each position (k).
    package var topK: Int
    /// SHA-256 of the texts' tokens, in order.
    package var texts: String
    /// Positions that are never trained on.
    package var heldOutCount = 0
    /// All positions.
    package var count = 0

    /// A cache of no positions yet.
    package init(base: String, depths: [Int], width: Int, topK: Int, texts: String) {
      self.base = base
      self.depths = depths
      self.width = width
      self.topK = topK
      self.texts = texts
    }

    /// Bytes of one position.
    package var recordBytes: Int { depths.count * width * 2 + topK * 8 }
    /// Bytes of the whole file.
    package var fileBytes: Int { HiddenCache.headBytes + count * recordBytes }

    /// Whether a file of so many bytes holds this, whatever its head says of the positions.
    fileprivate func fits(_ byteCount: Int) -> Bool {
      let (positions, rest) = (byteCount - HiddenCache.headBytes)
        .quotientAndRemainder(dividingBy: max(1, recordBytes))
      return rest == 0 && count == positions && (0...count).contains(heldOutCount)
    }

    private enum CodingKeys: String, CodingKey {
      case base, depths, width, texts, heldOutCount, count
      case topK = "named"
    }
  }

  /// The description lies in the first bytes, as JSON padded with spaces.
  static let headBytes = 4096

  /// What it holds.
  package let description: Description
  private let data: Data

  /// Opens the cache at `path`; nil when there is none, or one of something else.
  package init?(path: String, matching expected: Description) {
    guard let data = try? Data(contentsOf: URL(filePath: path), options: .alwaysMapped),
      data.count >= Self.headBytes,
      let found = try? JSONDecoder().decode(
        Description.self, from: data.prefix(Self.headBytes).trimmed)
    else { return nil }
    var comparable = found
    comparable.count = expected.count
    comparable.heldOutCount = expected.heldOutCount
    guard comparable == expected, found.fits(data.count) else { return nil }
    description = found
    self.data = data
  }

  /// Positions that may be trained on.
  package var trainingRange: Range<Int> { description.heldOutCount..<description.count }
  /// Positions that may not.
  package var heldOutRange: Range<Int> { 0..<description.heldOutCount }

  /// Reads the streams at exit `exit` of some positions into the rows of `target`.
  package func readStreams(_ positions: some Collection<Int>, exit: Int, into target: Matrix) {
    let width = description.width
    data.withUnsafeBytes { bytes in
      for (row, position) in positions.enumerated() {
        let start = offset(of: position) + exit * width * 2
        let source = UnsafeRawBufferPointer(rebasing: bytes[start..<start + width * 2])
        guard let base = source.baseAddress else { continue }
        Half.read(base, count: width, into: target[row])
      }
    }
  }

  /// The teacher's predictions for some positions, one after the other.
  package func teacherTopK(_ positions: some Collection<Int>) -> TeacherTopK {
    let k = description.topK
    var result = TeacherTopK()
    result.ids.reserveCapacity(positions.count * k)
    result.probabilities.reserveCapacity(positions.count * k)
    data.withUnsafeBytes { bytes in
      for position in positions {
        let start = offset(of: position) + description.depths.count * description.width * 2
        for i in 0..<k {
          result.ids.append(bytes.loadUnaligned(fromByteOffset: start + 4 * i, as: Int32.self))
        }
        for i in k..<2 * k {
          result.probabilities.append(
            bytes.loadUnaligned(fromByteOffset: start + 4 * i, as: Float.self))
        }
      }
    }
    return result
  }

  private func offset(of position: Int) -> Int {
    Self.headBytes + position * description.recordBytes
  }
}

/// The teacher's k most probable tokens for some positions, most probable first, [positions · k].
package struct TeacherTopK: Sendable {
  /// The tokens.
  package var ids: [Int32] = []
  /// Their probabilities.
  package var probabilities: [Float] = []
}

extension Data {
  /// The bytes before the padding.
  fileprivate var trimmed: Data {
    self[..<(lastIndex(of: UInt8(ascii: "}")).map { $0 + 1 } ?? startIndex)]
  }
}
