import GGUF
import TestSupport
import Testing

struct QuantizeTests {
  @Test func `what is quantised reads back within half a step`() throws {
    var generator = SeededGenerator(seed: 1)
    let values = (0..<320).map { _ in generator.nextNormal() * 3 } + Array(repeating: 0, count: 32)
    let whole = try #require(TensorType.f32.quantize(values))
    #expect(read(whole, .f32, count: values.count) == values)
    let halves = read(try #require(TensorType.f16.quantize(values)), .f16, count: values.count)
    for (value, half) in zip(values, halves) {
      #expect((value - half).magnitude <= value.magnitude * 0x1p-11 + 0x1p-25)
    }
    let codes = read(try #require(TensorType.q8_0.quantize(values)), .q8_0, count: values.count)
    for start in stride(from: 0, to: values.count, by: 32) {
      let block = start..<start + 32
      let largest = values[block].map(\.magnitude).max() ?? 0
      for i in block {
        // Half a step, and the rounding of the scale to a half.
        #expect((values[i] - codes[i]).magnitude <= largest * (0.5 / 127 + 0x1p-11) + 1e-9)
      }
    }
    let nibbles = read(try #require(TensorType.q4_1.quantize(values)), .q4_1, count: values.count)
    for start in stride(from: 0, to: values.count, by: 32) {
      let block = start..<start + 32
      let (low, high) = (values[block].min() ?? 0, values[block].max() ?? 0)
      let largest = max(low.magnitude, high.magnitude)
      for i in block {
        // Half a step, and the rounding of scale and least number to halves.
        let bound = (high - low) * (0.5 / 15 + 0x1p-11) + largest * 0x1p-11 + 1e-7
        #expect((values[i] - nibbles[i]).magnitude <= bound)
      }
    }
    #expect(TensorType.q4_0.quantize(values) == nil)
  }

  @Test func `halves are rounded to the nearest, ties to even, at every size`() throws {
    let cases: [(Float, UInt16)] = [
      (0, 0), (-0.0, 0x8000), (1, 0x3C00), (65504, 0x7BFF), (65519, 0x7BFF), (65520, 0x7C00),
      (0x1p-24, 1), (0x1p-25, 0), (0x1.8p-24, 2), (1 + 0x1p-11, 0x3C00), (1 + 0x1.8p-10, 0x3C02),
      (-.infinity, 0xFC00),
    ]
    for (value, bits) in cases {
      let bytes = try #require(TensorType.f16.quantize([value]))
      #expect(UInt16(bytes[0]) | UInt16(bytes[1]) << 8 == bits, "\(value)")
    }
  }

  private func read(_ bytes: [UInt8], _ type: TensorType, count: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { numbers, initialized in
      bytes.withUnsafeBytes { source in
        guard let from = source.baseAddress, let to = numbers.baseAddress else { return }
        type.dequantize(from, count: count, into: to)
      }
      initialized = count
    }
  }
}
