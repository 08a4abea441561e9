import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// Modules of an adapter between the stream and the head, and the short head.
struct ExitModuleTests {
  private let tiny = TinyModel(blockCount: 4, isTied: false, type: .q8_0, seed: 90)

  /// An adapter of one exit after two blocks; `edit` changes its tensors.
  private func adapter(
    kind: String, shortlist: [Int32] = [], base: TinyModel? = nil, rank: Int = 32, inner: Int = 64,
    _ edit: (inout [String: [Float]]) -> Void = { _ in }
  ) throws -> GGUFFile {
    let base = base ?? tiny
    let blueprint = try Blueprint(metadata: base.file().metadata)
    let head = AdapterHead(
      name: "test", license: "MIT", form: .exits,
      base: AdapterHead.Base(sha256: "00", name: "tiny", blueprint: blueprint),
      exits: [AdapterHead.Exit(depth: 2, kind: kind)], shortlist: shortlist,
      recipe: AdapterHead.Recipe())
    var writer = GGUFWriter()
    for (key, value) in head.metadata { writer.set(key, to: value) }
    var tensors = values(kind: kind, width: blueprint.width, rank: rank, inner: inner)
    edit(&tensors)
    for (name, values) in tensors.sorted(by: { $0.key < $1.key }) {
      let columns =
        name.hasSuffix("lora_b.weight") || name.hasSuffix("lora_b")
        ? rank
        : name.hasSuffix("ffn_down.weight")
          ? inner : name.hasSuffix("bias") ? 1 : blueprint.width
      writer.add(
        name: "exit.2." + name,
        shape: values.count == columns ? [columns] : [columns, values.count / columns], type: .f32,
        bytes: values.flatMap { x in
          (0..<4).map { UInt8(truncatingIfNeeded: x.bitPattern >> ($0 * 8)) }
        })
    }
    return try GGUFFile(bytes: writer.bytes(), path: "adapter.gguf")
  }

  /// Random tensors of a kind.
  private func values(kind: String, width: Int, rank: Int, inner: Int) -> [String: [Float]] {
    var generator = SeededGenerator(seed: 91)
    func random(_ count: Int) -> [Float] { (0..<count).map { _ in generator.nextNormal() / 8 } }
    var tensors = ["output_norm.weight": random(width).map { 1 + $0 }]
    if kind == "none" { return tensors }
    tensors["input_norm.weight"] = random(width).map { 1 + $0 }
    if kind == "linear" || kind == "mlp" { tensors["linear.weight"] = random(width * width) }
    if kind == "lowrank" {
      tensors["linear.lora_a"] = random(rank * width)
      tensors["linear.lora_b"] = random(width * rank)
    }
    if kind == "mlp" {
      tensors["ffn_gate.weight"] = random(inner * width)
      tensors["ffn_up.weight"] = random(inner * width)
      tensors["ffn_down.weight"] = random(width * inner)
    }
    return tensors
  }

  /// Calls `body` with a pass that has run two blocks of five rows, and its exits.
  private func withRows<Result>(
    _ adapter: GGUFFile, workers: Int = 1, kernels: KernelSet = .best,
    _ body: (ForwardPass) throws -> Result
  ) throws -> Result {
    let pool = ThreadPool(count: workers)
    defer { pool.dismiss() }
    let weights = try Weights(file: tiny.file(), pool: pool)
    let exits = try ExitModules(file: adapter, weights: weights, pool: pool)
    let pass = ForwardPass(
      ModelRuntime(weights: weights, exits: exits, kernels: kernels, pool: pool), capacity: 60,
      rowCapacity: 8)
    pass.appendChain([7, 8, 30, 31, 12].map { TokenID($0) })
    pass.run(rows: 0..<5, blocks: 0..<2)
    return try body(pass)
  }

  @Test(arguments: ["none", "linear", "lowrank", "mlp"])
  func `a module that adds nothing is the logit lens, up to rounding`(kind: String) throws {
    let norm = try Self.finalNorm(of: tiny)
    let file = try adapter(kind: kind) { tensors in
      tensors["output_norm.weight"] = norm
      for name in ["linear.weight", "linear.lora_b", "ffn_down.weight"] {
        tensors[name] = tensors[name]?.map { _ in 0 }
      }
    }
    try withRows(file) { pass in
      // The stream is normalised twice, which leaves the direction, and the quantised activations seldom
      // differ by a step.
      for row in 0..<5 {
        let lens = Array(pass.logits(rows: [row])[0])
        let exit = Array(pass.logits(rows: [row], at: 2, short: false)[0])
        let largest = lens.map(\.magnitude).max() ?? 1
        for (a, b) in zip(lens, exit) { #expect(abs(a - b) < 0.01 * largest) }
      }
    }
  }

  private static func finalNorm(of tiny: TinyModel) throws -> [Float] {
    let file = try tiny.file()
    return file.dequantize(try #require(file.tensor(named: "output_norm.weight")))
  }

  @Test(arguments: ["linear", "lowrank", "mlp"])
  func `a module computes what its formula says`(kind: String) throws {
    let width = try Blueprint(metadata: tiny.file().metadata).width
    let t = values(kind: kind, width: width, rank: 32, inner: 64).mapValues { $0.map(Double.init) }
    let tiny = try tiny.file()
    let head = tiny.dequantize(try #require(tiny.tensor(named: "output.weight"))).map(Double.init)
    try withRows(try adapter(kind: kind)) { pass in
      for row in 0..<5 {
        let h = pass.stream(row: row).map(Double.init)
        let u = Self.normalized(h)
        let n = zip(u, t["input_norm.weight"] ?? []).map(*)
        var out = u
        func add(_ x: [Double]) { for i in out.indices { out[i] += x[i] } }
        if let linear = t["linear.weight"] { add(Self.product(linear, n)) }
        if let a = t["linear.lora_a"], let b = t["linear.lora_b"] {
          add(Self.product(b, Self.product(a, n)))
        }
        if let gate = t["ffn_gate.weight"], let up = t["ffn_up.weight"],
          let down = t["ffn_down.weight"]
        {
          let inner = zip(Self.product(gate, n), Self.product(up, n)).map {
            $0 / (1 + Self.exponential(-$0)) * $1
          }
          add(Self.product(down, inner))
        }
        let normed = zip(Self.normalized(out), t["output_norm.weight"] ?? []).map(*)
        let expected = Self.product(head, normed)
        let logits = Array(pass.logits(rows: [row], at: 2, short: false)[0])
        // The head's activations have eight bits, sixteen where they are large: a thousandth of the
        // logits' spread is what the plain pass is off by as well.
        let largest = expected.map(\.magnitude).max() ?? 1
        for (a, b) in zip(expected, logits) { #expect(abs(a - Double(b)) < 0.01 * largest) }
      }
    }
  }

  private static func normalized(_ x: [Double]) -> [Double] {
    let scale = 1 / (x.reduce(0) { $0 + $1 * $1 } / Double(x.count) + 1e-5).squareRoot()
    return x.map { $0 * scale }
  }

  private static func product(_ w: [Double], _ x: [Double]) -> [Double] {
    stride(from: 0, to: w.count, by: x.count).map { start in
      x.indices.reduce(0) { $0 + w[start + $1] * x[$1] }
    }
  }

  private static func exponential(_ x: Double) -> Double {
    // Squaring a short series eight times: exact enough for a tolerance of a hundredth.
    let y = x / 256
    var value = 1 + y + y * y / 2 + y * y * y / 6
    for _ in 0..<8 { value *= value }
    return value
  }

  @Test(arguments: [1, 2, 3])
  func `rows are invariant through a module, for any pool`(workers: Int) throws {
    let file = try adapter(kind: "mlp", shortlist: [5, 299, 7, 31, 2])
    for short in [false, true] {
      let alone = try withRows(file) { pass in
        (0..<5).map { pass.logits(rows: [$0], at: 2, short: short)[0].map(\.bitPattern) }
      }
      let together = try withRows(file, workers: workers) { pass in
        let logits = pass.logits(rows: [4, 0, 2, 1, 3], at: 2, short: short)
        return [1, 3, 2, 4, 0].map { logits[$0].map(\.bitPattern) }
      }
      #expect(alone == together)
    }
  }

  @Test func `a short head gives its tokens the logits of the whole one`() throws {
    let shortlist: [Int32] = [9, 299, 0, 31, 77, 12, 250, 251, 252, 1, 2, 3, 4, 5, 6, 8, 19, 20]
    try withRows(try adapter(kind: "linear", shortlist: shortlist)) { pass in
      for row in 0..<5 {
        let whole = Array(pass.logits(rows: [row], at: 2, short: false)[0])
        let logits = pass.logits(rows: [row], at: 2, short: true)
        #expect(logits.isShort)
        let spread = Array(logits[0])
        for (token, value) in spread.enumerated() {
          let isAsked = shortlist.contains(Int32(token))
          #expect(value.bitPattern == (isAsked ? whole[token] : -.infinity).bitPattern)
        }
        let best = try #require(shortlist.max { whole[Int($0)] < whole[Int($1)] })
        #expect(logits.argmax(row: 0) == TokenID(Int(best)))
        let readout = logits.readout(row: 0, depth: 2)
        #expect(readout.token == TokenID(Int(best)))
        #expect(readout.shortlist == shortlist.count)
        // Fewer tokens to share with: no probability is lower than among all.
        let largest = whole.max() ?? 0
        let sum = whole.reduce(0.0) { $0 + Self.exponential(Double($1 - largest)) }
        let among = Self.exponential(Double(whole[Int(best)] - largest)) / sum
        #expect(Double(readout.probability) > among)
      }
    }
  }

  @Test func `the work of a module and of a short head is counted from their shapes`() throws {
    let width = try Blueprint(metadata: tiny.file().metadata).width
    try withRows(try adapter(kind: "mlp", shortlist: [3, 4, 5])) { pass in
      _ = pass.work.take()
      _ = pass.logits(rows: [0, 1], at: 2, short: true)
      #expect(pass.work.macs == 2 * (width * width + 3 * width * 64 + 3 * width))
    }
  }

  @Test func `a gate is the sigmoid of its formula, whatever stands beside the row`() throws {
    let width = try Blueprint(metadata: tiny.file().metadata).width
    let norm = try #require(
      values(kind: "linear", width: width, rank: 1, inner: 1)["input_norm.weight"])
    let gate = (0..<width).map { Float($0 % 7) / 20 - 0.15 }
    for kind in ["none", "linear"] {
      let file = try adapter(kind: kind) { tensors in
        tensors["input_norm.weight"] = norm
        tensors["gate.weight"] = gate
        tensors["gate.bias"] = [0.25]
      }
      try withRows(file) { pass in
        #expect(pass.exits?.gatedDepths == [2])
        for row in 0..<5 {
          let n = zip(Self.normalized(pass.stream(row: row).map(Double.init)), norm).map {
            $0 * Double($1)
          }
          let sum = zip(n, gate).reduce(0.25) { $0 + $1.0 * Double($1.1) }
          let value = try #require(pass.gate(row: row, at: 2))
          #expect(abs(Double(value) - 1 / (1 + Self.exponential(-sum))) < 1e-3)
          _ = pass.logits(rows: [4, 3, 2], at: 2, short: false)
          #expect(pass.gate(row: row, at: 2)?.bitPattern == value.bitPattern)
        }
        #expect(pass.gate(row: 0, at: 3) == nil)
        _ = pass.work.take()
        _ = pass.gate(row: 0, at: 2)
        #expect(pass.work.macs == width && pass.work.bytes == 4 * (width + 1))
      }
    }
    #expect(throws: ModelError.self) {
      try withRows(try adapter(kind: "linear") { $0["gate.weight"] = gate }) { _ in }
    }
  }

  @Test func `a gate has the same bits with every instruction set`() throws {
    let width = try Blueprint(metadata: tiny.file().metadata).width
    let file = try adapter(kind: "linear") { tensors in
      tensors["gate.weight"] = (0..<width).map { Float($0 % 5) / 9 - 0.2 }
      tensors["gate.bias"] = [-0.5]
    }
    let bits = try KernelSet.names.compactMap { KernelSet(named: $0) }.map { kernels in
      try withRows(file, kernels: kernels) { pass in
        (0..<5).map { pass.gate(row: $0, at: 2)?.bitPattern }
      }
    }
    #expect(Set(bits).count == 1 && bits[0].count { $0 != nil } == 5)
  }

  @Test func `a pass that adopts other exits says what one made with them says`() throws {
    let file = try adapter(kind: "mlp", shortlist: [5, 299, 7])
    let made = try withRows(file) { Array($0.logits(rows: [3], at: 2, short: true)[0]) }
    try withRows(try adapter(kind: "none")) { pass in
      let lens = Array(pass.logits(rows: [3], at: 2, short: false)[0])
      pass.adopt(try ExitModules(file: file, weights: pass.weights, pool: pass.pool))
      #expect(Array(pass.logits(rows: [3], at: 2, short: true)[0]) == made)
      pass.adopt(nil)
      #expect(pass.gate(row: 3, at: 2) == nil)
      #expect(Array(pass.logits(rows: [3], at: 2, short: false)[0]) != lens)
    }
  }

  @Test func `an adapter of another model's shape, or with a tensor missing, is refused`() throws {
    let other = TinyModel(blockCount: 5, isTied: false, type: .q8_0, seed: 90)
    let foreign = try adapter(kind: "linear", base: other)
    #expect(throws: ModelError.self) { try withRows(foreign) { _ in } }
    for name in ["output_norm.weight", "input_norm.weight", "linear.weight"] {
      let broken = try adapter(kind: "linear") { $0[name] = nil }
      #expect(throws: ModelError.self) { try withRows(broken) { _ in } }
    }
    let unknown = try adapter(kind: "oracle")
    #expect(throws: ModelError.self) { try withRows(unknown) { _ in } }
  }
}
