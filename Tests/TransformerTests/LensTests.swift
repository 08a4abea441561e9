import Dials
import Foundation
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

@Suite struct LensTests {
  @Test func `the lens after a block is the logits of a row that stopped there`() throws {
    let file = try TinyModel(type: .q4_1).file()
    let tokens = (0..<9).map { TokenID($0 + 40) }
    try withPass(over: file, keepsStreams: true) { pass in
      pass.appendChain(tokens)
      pass.run(rows: 0..<9, blocks: 0..<4, capture: true)
      let lens = (0..<9).map { row in
        let lens = pass.lens(row: row, blocks: Array(0..<4))
        return (0..<4).map { lens[$0].map(\.bitPattern) }
      }
      #expect(lens.map { $0[3] } == pass.logitBits(0..<9))
      pass.discard()
      for depth in 1...4 {
        pass.appendChain(tokens)
        pass.run(rows: 0..<9, blocks: 0..<depth)
        #expect(lens.map { $0[depth - 1] } == pass.logitBits(0..<9), "\(depth) blocks")
        pass.discard()
      }
    }
  }

  /// A readout is exact up to the kernels' exponential: 4e-7 of each sum.
  @Test func `a readout is the best token, its probability and margin, and the entropy`() throws {
    let file = try TinyModel(type: .f32).file()
    try withPass(over: file) { pass in
      pass.appendChain([TokenID(9), TokenID(4)])
      pass.run(rows: 0..<2, blocks: 0..<4)
      let logits = pass.logits(rows: [0, 1])
      for row in 0..<2 {
        let readout = logits.readout(row: row, depth: 4)
        let values = logits[row].map { Double($0) }
        let p = Distance.logProbabilities(values).map { exp($0) }.sorted(by: >)
        #expect(readout.depth == 4)
        #expect(readout.token == logits.argmax(row: row))
        #expect(readout.token.index == values.firstIndex(of: values.max() ?? 0))
        #expect(abs(Double(readout.probability) - p[0]) < 1e-6)
        #expect(abs(Double(readout.margin) - (p[0] - p[1])) < 1e-6)
        let entropy = p.reduce(0) { $0 - $1 * log($1) }
        #expect(abs(Double(readout.entropy) - entropy) < 1e-5)
      }
    }
  }
}
