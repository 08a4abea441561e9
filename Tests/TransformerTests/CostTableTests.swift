import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

@Suite struct CostTableTests {
  @Test func `a cost never falls as rows are added, whatever the clock said`() {
    let table = CostTable(times: [2, 2.2, 2.1, 2.4, 3, 2.9, 4, 5, 9])
    let costs = (1...40).map { table.cost(of: $0) }
    #expect(zip(costs, costs.dropFirst()).allSatisfy { $0 <= $1 })
  }

  @Test func `between measured counts a cost lies on the line, beyond them on its continuation`() {
    let table = CostTable(times: [1, 2, 3, 4, 6, 8, 12, 16, 32])
    for count in 1...64 { #expect(abs(table.cost(of: count) - Double(count)) < 1e-12) }
    #expect(table.cost(of: 0) == 0)
  }

  @Test func `a convex table has no row that costs less than the one before, and keeps its end`() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<50 {
      let times = CostTable.measuredCounts.map {
        (1 + 0.1 * Double($0)) * Double.random(in: 0.8...1.2, using: &generator)
      }
      let (table, convex) = (CostTable(times: times), CostTable(times: times).convex)
      let costs = (1...32).map { convex.cost(of: $0) }
      let steps = zip(costs.dropFirst(), costs).map { $0 - $1 }
      #expect(zip(steps.dropFirst(), steps).allSatisfy { $0 > $1 - 1e-9 })
      #expect(abs(convex.cost(of: 32) - table.cost(of: 32)) < 1e-9)
    }
    let times = CostTable.measuredCounts.map { 1 + 0.01 * Double(($0 - 1) * ($0 - 1)) }
    let smooth = CostTable(times: times)
    for count in 1...32 {
      #expect(abs(smooth.convex.cost(of: count) - smooth.cost(of: count)) < 1e-9)
    }
  }
}

/// The tables that nobody measures.
@Suite struct FixedCostTests {
  @Test func `every set of kernels has a table, without kinks`() throws {
    #expect(Set(FixedCosts.ofKernels.keys) == Set(KernelSet.names))
    for (name, fixed) in FixedCosts.ofKernels {
      let table = fixed.rows
      let costs = (1...64).map { table.cost(of: $0) }
      #expect(costs[0] == 1 && costs[63] > 2, "\(name)")
      // No pass is dearer than its rows alone.
      #expect(costs.enumerated().allSatisfy { $1 <= Double($0 + 1) }, "\(name)")
      for count in 1...64 {
        #expect(
          abs(table.convex.cost(of: count) - table.cost(of: count)) < 1e-9, "\(name) \(count)")
      }
    }
    for kernels in kernelSets {
      #expect(FixedCosts.of(kernels) == FixedCosts.ofKernels[kernels.description])
    }
  }
}

/// A pass that measures its own costs.
@Suite struct MeasuredCostTests {
  @Test(arguments: [1, 2])
  func `costs are measured for every count and leave neither rows nor work behind`(
    workers: Int
  ) throws {
    try withPass(over: TinyModel().file(), workers: workers) { pass in
      pass.decode([TokenID(1), TokenID(2)])
      let (work, text) = (pass.work, pass.cacheBits)
      let table = CostTable(measuredOn: pass)
      // A count that was left out would cost infinitely much; 32 rows take more than one, on any machine.
      #expect(table.costs.allSatisfy(\.isFinite) && table.costs[8] > 1, "\(table.costs)")
      #expect(pass.rowCount == 0)
      #expect(pass.cache.committedCount == 2)
      #expect(pass.work == work)
      #expect(pass.cacheBits == text)
    }
  }

  @Test func `what follows a measurement has the bits it would have had`() throws {
    let tokens = [3, 1, 4, 1, 5, 9, 2, 6].map { TokenID($0) }
    let file = try TinyModel(type: .q4_1).file()
    let plain = try withPass(over: file) { $0.decode(tokens) }
    let measured = try withPass(over: file) { pass in
      let begin = pass.decode(tokens.prefix(3))
      _ = CostTable(measuredOn: pass, repetitions: 1)
      return begin + pass.decode(tokens.dropFirst(3))
    }
    #expect(plain == measured)
  }

  @Test func `a measurement leaves its rows' places empty`() throws {
    try withPass(over: TinyModel(blockCount: 1).file()) { pass in
      _ = CostTable(measuredOn: pass, repetitions: 1)
      #expect(pass.cache.state(block: BlockIndex(0), slot: 0) == .absent)
      #expect(pass.cache.state(block: BlockIndex(0), slot: 31) == .absent)
    }
  }
}
