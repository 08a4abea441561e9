import Foundation
import GGUF
import TestSupport
import Testing

/// The numbers of `bytes`.
private func numbers(_ type: TensorType, _ bytes: [UInt8]) -> [Float] {
  let count = bytes.count / type.blockBytes * type.blockSize
  return [Float](unsafeUninitializedCapacity: count) { target, initialized in
    bytes.withUnsafeBytes { source in
      guard let from = source.baseAddress, let to = target.baseAddress else { return }
      type.dequantize(from, count: count, into: to)
      initialized = count
    }
  }
}

/// Random blocks whose half-precision scales are finite.
private func randomBlocks(_ type: TensorType, seed: UInt64) -> [UInt8] {
  var generator = SeededGenerator(seed: seed)
  let halves: [Int] =
    switch type {
    case .f16, .q4_0, .q5_0, .q8_0: [0]
    case .q4_1, .q5_1, .q4K, .q5K: [0, 2]
    case .q6K: [208]
    case .f32, .bf16: []
    }
  let count = type.blockBytes * 4
  var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  for block in stride(from: 0, to: count, by: type.blockBytes) {
    for half in halves { bytes[block + half + 1] &= 0xBF }
    if halves.isEmpty { bytes[block + type.blockBytes - 1] &= 0xBF }
  }
  return bytes
}

@Suite struct DequantizeTests {
  @Test(arguments: TensorType.allCases)
  func `each number is what the layout says of it`(type: TensorType) throws {
    for seed: UInt64 in 0..<8 {
      let bytes = randomBlocks(type, seed: seed)
      let found = numbers(type, bytes)
      for index in found.indices {
        let block = index / type.blockSize * type.blockBytes
        let layout = Layout(block: Array(bytes[block..<(block + type.blockBytes)]))
        let expected = Float(layout.number(index % type.blockSize, of: type))
        #expect(found[index] == expected, "seed \(seed), number \(index)")
      }
    }
  }

  private struct Golden: Decodable {
    var type: String
    var bytes: String
    var values: [Float]
  }

  @Test func `numbers equal those of the gguf package`() throws {
    let url = try #require(
      Bundle.module.url(forResource: "dequantize", withExtension: "json", subdirectory: "Golden"))
    let rows = try JSONDecoder().decode([Golden].self, from: Data(contentsOf: url))
    #expect(rows.count == TensorType.allCases.count - 1, "all types but F32")
    for row in rows {
      let type = try #require(TensorType.allCases.first { $0.name == row.type })
      let digits = Array(row.bytes)
      let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(digits[$0...($0 + 1)]), radix: 16)
      }
      #expect(numbers(type, bytes) == row.values, "\(row.type)")
    }
  }

  @Test func `half precision keeps subnormals, infinities and signs`() {
    let cases: [(UInt16, Float)] = [
      (0x0000, 0), (0x0001, 0x1p-24), (0x8001, -0x1p-24), (0x03FF, 0x1.FF8p-15),
      (0x0400, 0x1p-14), (0x3C00, 1), (0xBC00, -1), (0x3555, 0x1.554p-2), (0x7BFF, 65504),
      (0x7C00, .infinity), (0xFC00, -.infinity),
    ]
    for (bits, value) in cases {
      #expect(numbers(.f16, [UInt8(bits & 255), UInt8(bits >> 8)]) == [value])
    }
    #expect(numbers(.f16, [0, 0x80]).first?.sign == .minus)
    #expect(numbers(.f16, [1, 0x7E]).first?.isNaN == true)
  }

  #if !(os(macOS) && arch(x86_64))
    @Test func `every half-precision number is the one the processor knows`() {
      let bits = (0...UInt16.max).filter { !Float16(bitPattern: $0).isNaN }
      let bytes = bits.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
      #expect(numbers(.f16, bytes) == bits.map { Float(Float16(bitPattern: $0)) })
    }
  #endif
}
