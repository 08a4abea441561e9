import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Training
import Transformer

struct ExitTrainerTests {
  private static let modules = [
    ExitShape(depth: 1, kind: .gated(inner: 12, linear: true)),
    ExitShape(depth: 2, kind: .lowRank(6)),
  ]

  @Test func `an exit learns what full depth predicts`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let texts = TinyBase.texts(60, seed: 1)
      let cache = try #require(try base.cache(texts, depths: [1, 2], folder: folder))
      let trainer = try base.trainer(cache, modules: Self.modules, steps: 150, rate: 1e-2)
      let first = try trainer.takeStep().losses
      var last = first
      for _ in 0..<149 { last = try trainer.takeStep().losses }
      #expect(first.count == 2 && last.count == 2)
      for (old, new) in zip(first, last) { #expect(new < 0.7 * old, "\(old) to \(new)") }
    }
  }

  @Test func `untrained, a module is the logit lens`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let texts = TinyBase.texts(6, seed: 2)
      let cache = try #require(try base.cache(texts, depths: [1, 2], folder: folder))
      let kinds: [ExitShape.Kind] = [.none, .linear]
      let modules = zip([1, 2], kinds).map { ExitShape(depth: $0, kind: $1) }
      let scores = try base.trainer(cache, modules: modules).evaluate()
      let expected = Self.lens(base, texts.filter(\.isHeldOut), depths: [1, 2])
      #expect(scores.count == 2)
      for (score, lens) in zip(scores, expected) {
        #expect(score.samples.count == lens.count && lens.count == 20)
        for (sample, probability) in zip(score.samples, lens) {
          #expect((sample.confidence - probability).magnitude < 0.02)
        }
      }
    }
  }

  @Test(arguments: [ExitShape.Kind.none, .linear, .lowRank(3), .gated(inner: 5, linear: false)])
  func `each form's gradients are those of its definition`(kind: ExitShape.Kind) throws {
    let blas = try BLAS.shared()
    let (width, rows) = (6, 3)
    let module = ExitShape(depth: 1, kind: kind)
    let shapes = module.shapes(width: width)
    var generator = SeededGenerator(seed: 3)
    let stream = randomValues(rows * width, using: &generator)
    let pull = randomValues(rows * width, using: &generator)
    let values = shapes.map {
      randomValues($0.rows * $0.columns, deviation: 0.5, using: &generator)
    }
    let arena = Arena()
    func tensors(_ values: [[Float]]) -> ExitTensors? {
      var found: [String: Matrix] = [:]
      for (shape, numbers) in zip(shapes, values) {
        found[shape.name] = Matrix(numbers, columns: shape.columns, in: arena)
      }
      return ExitTensors(module) { found[$0] }
    }
    let gradients = Dictionary(
      uniqueKeysWithValues: shapes.map { ($0.name, Matrix($0.rows, $0.columns, in: arena)) })
    let w = try #require(tensors(values))
    let dw = try #require(ExitTensors(module) { gradients[$0] })
    let slab = Matrix(1, ExitActivations.size(rows: rows, width: width, inner: 5), in: arena)
    let activations = ExitActivations(
      rows: rows, width: width, inner: module.kind.inner, in: slab)
    activations.stream.copy(Matrix(stream, columns: width, in: arena))
    let pass = ExitPass(w, epsilon: 1e-5, blas: blas)
    pass.forward(activations)
    activations.outputGradient.copy(Matrix(pull, columns: width, in: arena))
    pass.backward(activations, gradients: dw)
    for (index, shape) in shapes.enumerated() {
      let gradient = try #require(gradients[shape.name])
      expectGradient(gradient.values, at: values[index]) { point in
        var all = values.map { $0.map(Double.init) }
        all[index] = point
        let parts = Dictionary(uniqueKeysWithValues: zip(shapes.map(\.name), all))
        return Definition.weighted(
          Self.output(stream.map(Double.init).rows(of: width), module, parts), by: pull)
      }
    }
    withExtendedLifetime(arena) {}
  }

  @Test func `a training has the same bits on one thread and on three`() async throws {
    try await withTemporaryFolder { folder in
      var bits: Set<[UInt32]> = []
      for threads in [1, 3] {
        let base = try TinyBase(threads: threads)
        defer { base.pool.dismiss() }
        let texts = TinyBase.texts(20, seed: 4)
        let cache = try #require(try base.cache(texts, depths: [1, 2], folder: folder))
        let trainer = try base.trainer(cache, modules: Self.modules)
        for _ in 0..<5 { _ = try trainer.takeStep() }
        bits.insert(trainer.parameters.values.values.map(\.bitPattern))
      }
      #expect(bits.count == 1)
    }
  }

  @Test func `a training that was stopped goes on bit for bit`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let texts = TinyBase.texts(20, seed: 5)
      let cache = try #require(try base.cache(texts, depths: [1, 2], folder: folder))
      let whole = try base.trainer(cache, modules: Self.modules, steps: 12)
      for _ in 0..<12 { _ = try whole.takeStep() }

      let path = folder + "/state.gguf"
      let first = try base.trainer(cache, modules: Self.modules, steps: 12)
      for _ in 0..<7 { _ = try first.takeStep() }
      try first.save(to: path)
      let second = try base.trainer(cache, modules: Self.modules, steps: 12)
      try second.resume(from: try #require(try Checkpoint(path: path)))
      #expect(second.step == 7)
      for _ in 0..<5 { _ = try second.takeStep() }
      let isSame =
        second.parameters.values.values.map(\.bitPattern)
        == whole.parameters.values.values.map(\.bitPattern)
      #expect(isSame)

      let other = try base.trainer(cache, modules: Self.modules, steps: 13)
      let checkpoint = try #require(try Checkpoint(path: path))
      #expect(throws: TrainingError.self) { try other.resume(from: checkpoint) }
    }
  }

  @Test func `a NaN loss stops the training before anything is changed`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let texts = TinyBase.texts(12, seed: 6)
      let cache = try #require(try base.cache(texts, depths: [1, 2], folder: folder))
      let trainer = try base.trainer(cache, modules: Self.modules)
      let entry = try #require(trainer.parameters.entry("exit.2.output_norm.weight"))
      trainer.parameters.values(of: entry)[0][0] = .nan
      let before = trainer.parameters.values.values.map(\.bitPattern)
      let error = #expect(throws: TrainingError.self) { _ = try trainer.takeStep() }
      #expect(error?.code == .diverged)
      #expect(trainer.step == 0)
      let isUnchanged = trainer.parameters.values.values.map(\.bitPattern) == before
      #expect(isUnchanged)
    }
  }

  @Test func `a gate finds the direction that tells right from wrong`() throws {
    let blas = try BLAS.shared()
    var generator = SeededGenerator(seed: 7)
    let (width, count) = (20, 3000)
    let direction = randomValues(width, using: &generator)
    let inputs = randomValues(width * count, using: &generator)
    let scores = (0..<count).map { row in
      (0..<width).reduce(Float(0)) { $0 + direction[$1] * inputs[row * width + $1] } - 2
    }
    let labels = scores.map { $0 + generator.nextNormal() > 0 }
    let arena = Arena()
    let matrix = Matrix(inputs, columns: width, in: arena)
    let gate = ExitGate.fitted(to: matrix, labels: labels, blas: blas)
    let probabilities = (0..<count).map { gate.probability(matrix[$0]) }
    withExtendedLifetime(arena) {}
    let right = zip(probabilities, labels).count { ($0 > 0.5) == $1 }
    #expect(right > count * 85 / 100)
    // Calibrated: as many are right as it says, among the sure and among the unsure.
    for range: Range<Float> in [0..<0.3, 0.3..<0.7, 0.7..<1.01] {
      let own = zip(probabilities, labels).filter { range.contains($0.0) }
      let said = own.reduce(0) { $0 + Double($1.0) } / Double(own.count)
      let found = Double(own.count { $0.1 }) / Double(own.count)
      #expect((said - found).magnitude < 0.1, "\(said) and \(found)")
    }
  }

  @Test func `every exit with an input norm gets a gate`() async throws {
    try await withTemporaryFolder { folder in
      let base = try TinyBase()
      defer { base.pool.dismiss() }
      let texts = TinyBase.texts(12, seed: 7)
      let cache = try #require(try base.cache(texts, depths: [1, 2], folder: folder))
      let modules = [ExitShape(depth: 1, kind: .linear), ExitShape(depth: 2, kind: .none)]
      let gates = try base.trainer(cache, modules: modules).fitGates()
      #expect(gates.map { $0?.weights.count } == [64, nil])
    }
  }

  /// The largest probability of the raw logit lens at each target position, depth by depth.
  @inline(never)
  private static func lens(
    _ base: TinyBase, _ texts: [TrainingText], depths: [Int]
  ) -> [[Float]] {
    depths.map { depth in
      texts.flatMap { text -> [Float] in
        let pass = ForwardPass(
          ModelRuntime(weights: base.weights, pool: base.pool), capacity: 64)
        for (index, token) in text.tokens.enumerated() {
          pass.append(
            Row(token: token, position: Position(index), parent: index == 0 ? nil : index - 1))
        }
        pass.run(rows: 0..<text.tokens.count, blocks: 0..<depth)
        let rows = text.targets.flatMap { $0.map { $0 - 1 } }
        let logits = pass.logits(rows: rows)
        return rows.indices.map { logits.readout(row: $0, depth: depth).probability }
      }
    }
  }

  /// A module by its formula in docs/ADAPTERS.md.
  private static func output(
    _ h: Rows, _ module: ExitShape, _ parts: [String: [Double]]
  ) -> Rows {
    func part(_ name: String, _ columns: Int) -> Rows? {
      parts["exit.\(module.depth).\(name)"]?.rows(of: columns)
    }
    let width = h[0].count
    let u = Definition.norm(h, Array(repeating: 1, count: width))
    var changed = u
    if let norm = part("input_norm.weight", width)?.first {
      let n = u.map { zip($0, norm).map { $0 * $1 } }
      if let w = part("linear.weight", width) {
        changed = Definition.sum(changed, Definition.linear(n, w))
      }
      if let a = part("linear.lora_a", width), let b = part("linear.lora_b", a.count) {
        changed = Definition.sum(changed, Definition.linear(Definition.linear(n, a), b))
      }
      if let gate = part("ffn_gate.weight", width), let up = part("ffn_up.weight", width),
        let down = part("ffn_down.weight", gate.count)
      {
        let inner = Definition.swiglu(Definition.linear(n, gate), Definition.linear(n, up))
        changed = Definition.sum(changed, Definition.linear(inner, down))
      }
    }
    return Definition.norm(changed, part("output_norm.weight", width)?.first ?? [])
  }
}
