import GGUF
import TestSupport
import Testing

struct FiniteTests {
  /// Where a block has its float16 scales, or its number, and how many bytes that is.
  private func places(_ type: TensorType) -> [Int] {
    switch type {
    case .f32, .f16, .bf16, .q4_0, .q5_0, .q8_0, .iq4_NL, .iq4_XS, .mxfp4: [0]
    case .q4_1, .q5_1, .q4K, .q5K: [0, 2]
    case .q2K: [80, 82]
    case .q3K: [108]
    case .q6K: [208]
    }
  }

  private func faults(_ type: TensorType) -> [[UInt8]] {
    switch type {
    case .f32:
      [[0, 0, 0x80, 0x7F], [0, 0, 0x80, 0xFF], [1, 0, 0x80, 0x7F], [0xFF, 0xFF, 0xFF, 0xFF]]
    case .mxfp4: [[253], [254], [255]]
    case .bf16: [[0x80, 0x7F], [0x80, 0xFF], [0xC0, 0x7F], [0x81, 0xFF]]
    default: [[0, 0x7C], [0, 0xFC], [1, 0x7C], [0xFF, 0xFF]]
    }
  }

  @Test(arguments: TensorType.allCases)
  func `a number that is not finite is seen in every block, and nothing else is taken for one`(
    type: TensorType
  ) {
    var generator = SeededGenerator(seed: 21)
    let count = 3 * type.blockSize
    let sound = type.randomBytes(count: count, deviation: 1, using: &generator)
    func areFinite(_ bytes: [UInt8]) -> Bool {
      bytes.withUnsafeBytes { source in
        source.baseAddress.map { type.areFinite($0, count: count) } ?? false
      }
    }
    #expect(areFinite(sound))
    for block in 0..<3 {
      for place in places(type) {
        for fault in faults(type) {
          var bytes = sound
          let start = block * type.blockBytes + place
          bytes.replaceSubrange(start..<start + fault.count, with: fault)
          #expect(!areFinite(bytes), "block \(block), byte \(place), \(fault)")
        }
      }
    }
    // Codes of nothing but ones are numbers like all others.
    guard type.blockSize > 1 else { return }
    let width = faults(type)[0].count
    let scales = Set(places(type).flatMap { Array($0..<$0 + width) })
    var ones = sound
    for index in ones.indices where !scales.contains(index % type.blockBytes) { ones[index] = 0xFF }
    #expect(areFinite(ones))
  }
}
