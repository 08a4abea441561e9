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

@Suite struct DequantizeTests {
  @Test(arguments: TensorType.allCases)
  func `each number is what the layout says of it`(type: TensorType) throws {
    for seed: UInt64 in 0..<8 {
      var generator = SeededGenerator(seed: seed)
      let bytes = type.wildBytes(count: 4 * type.blockSize, using: &generator)
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
    var bytes: Data
    var values: Data
  }

  @Test func `numbers equal those of the gguf package, bit for bit`() throws {
    let url = try #require(
      Bundle.module.url(forResource: "dequantize", withExtension: "json", subdirectory: "Golden"))
    let rows = try JSONDecoder().decode([Golden].self, from: Data(contentsOf: url))
    #expect(rows.count == TensorType.allCases.count - 1, "all types but F32")
    for row in rows {
      let type = try #require(TensorType.allCases.first { $0.name == row.type })
      let expected = numbers(.f32, Array(row.values)).map(\.bitPattern)
      #expect(numbers(type, Array(row.bytes)).map(\.bitPattern) == expected, "\(row.type)")
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
