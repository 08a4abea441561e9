import CKernels
import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct NumberTests {
  /// Coefficients and range: internal.h. Every 997th float of the range, which meets every exponent
  /// and all kinds of fractions.
  @Test func `the exponential is good to 3e-7 over its whole range`() {
    var worst = 0.0
    for sign: UInt32 in [0, 0x8000_0000] {
      let limit = Float(sign == 0 ? 88 : 87).bitPattern
      for bits in stride(from: 0, through: limit, by: 997) {
        let x = Float(bitPattern: bits | sign)
        worst = max(worst, abs(Double(ck_exp(x)) / exp(Double(x)) - 1))
      }
    }
    #expect(worst < 3e-7)
    #expect(ck_exp(0) == 1)
  }

  @Test func `the exponential stays at the ends of its range beyond them`() {
    for x: Float in [88, 88.1, 1000, .greatestFiniteMagnitude, .infinity] {
      #expect(ck_exp(x) == ck_exp(88))
      #expect(ck_exp(-x) == ck_exp(-87))
    }
  }

  @Test func `the exponential never falls as its argument grows`() {
    var last: Float = 0
    for step in 0...400_000 {
      let value = ck_exp(Float(step) * 0.0005 - 100)
      // Neighbours may differ by the error of each.
      #expect(value >= last * (1 - 6e-7))
      last = value
    }
  }

  @Test func `all half floats become the floats they stand for and come back`() {
    for bits in UInt16.min...UInt16.max {
      let value = ck_from_half(bits)
      let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023))
      #expect(value.sign == (bits >> 15 == 0 ? .plus : .minus))
      switch exponent {
      case 0: #expect(Double(value.magnitude) == fraction * 0x1p-24)
      case 31 where fraction == 0: #expect(value.magnitude == .infinity)
      case 31: #expect(value.isNaN)
      default:
        #expect(Double(value.magnitude) == (1 + fraction / 1024) * pow(2, Double(exponent - 15)))
      }
      #expect(ck_to_half(value) == (value.isNaN ? bits | 0x200 : bits))
    }
  }

  /// Between each half float and the next: the middle, which goes to the even one, and the floats
  /// just beside it. Since conversion is monotonic, this decides every float.
  @Test func `floats become the nearest half float, the even one of two`() {
    var inputs: [Float] = []
    var expected: [UInt16] = []
    for bits in UInt16.min..<0x7c00 {
      // The half float after 65504 would be 65536; what rounds to it is infinite.
      let next = bits == 0x7bff ? 65536 : ck_from_half(bits + 1)
      let middle = (ck_from_half(bits) + next) / 2
      for (x, half) in [
        (middle, bits & 1 == 0 ? bits : bits + 1), (middle.nextDown, bits),
        (middle.nextUp, bits + 1), (ck_from_half(bits), bits),
      ] {
        inputs += [x, -x]
        expected += [half, half | 0x8000]
      }
    }
    inputs += [.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude]
    expected += [0x7c00, 0x7c00, 0]
    for (index, x) in inputs.enumerated() where ck_to_half(x) != expected[index] {
      Issue.record("\(x) became \(ck_to_half(x)), not \(expected[index])")
      break
    }
  }
}
