import Corpus
import Dials
import Files
import Foundation
import GGUF
import Inference
import TestSupport
import Testing
import Tokenization
import Training
import Transformer

/// Trainings from the plan to the file, on a tiny model.
struct JobTests {
  @inline(never)
  private func base() throws -> TuneBase {
    let file = try TinyModel(blockCount: 3).file()
    return TuneBase(
      file: file, model: try LoadedModel(file: file, threads: 2),
      fingerprint: String(repeating: "a", count: 64))
  }

  private func output(_ path: String) -> TuneOutput {
    TuneOutput(
      file: OutputFile(path, replaces: true), type: .f16, license: "MIT",
      recipe: AdapterHead.Recipe())
  }

  private func exits(_ base: TuneBase, in folder: String) -> TuneExitsJob {
    var settings = ExitTraining(
      modules: [ExitShape(depth: 1, kind: .linear), ExitShape(depth: 2, kind: .none)], steps: 3)
    (settings.shardsPerStep, settings.draws) = (1, 16)
    return TuneExitsJob(
      settings, base: base, texts: TinyBase.texts(40, seed: 2), shortlistCount: 64, topK: 8,
      cacheBytes: 1 << 20, folder: folder, output: output(folder + "/exits.gguf"))
  }

  private func lite(_ base: TuneBase, in folder: String) -> TuneLiteJob {
    var settings = LiteTraining(exits: [1], steps: 3)
    (settings.rank, settings.batch, settings.length, settings.guardWeight) = (2, 4, 64, 0.5)
    return TuneLiteJob(
      settings, base: base, texts: TinyBase.texts(40, seed: 2), folder: folder,
      output: output(folder + "/lite.gguf"))
  }

  private func draft(_ base: TuneBase, in folder: String) -> TuneDraftJob {
    var settings = DraftTraining(steps: 3)
    (settings.shardsPerStep, settings.inner) = (1, 32)
    return TuneDraftJob(
      settings, base: base, texts: TinyBase.texts(40, seed: 2), tokenCount: 64,
      cacheBytes: 1 << 20, folder: folder, output: output(folder + "/draft.gguf"))
  }

  private func duo(
    _ base: TuneBase, in folder: String, steps: Int = 3, router: RouterTraining.Method = .damage,
    taking given: GivenFeedForwards? = nil, to name: String = "duo"
  ) -> TuneDuoJob {
    var settings = DuoTraining(steps: steps)
    (settings.router.method, settings.router.steps) = (router, 3)
    settings.router.startsFromFile = given != nil && router == .task
    (settings.inner, settings.rank, settings.batch, settings.length) = (32, 32, 4, 64)
    (settings.labels, settings.horizon) = (30, 2)
    return TuneDuoJob(
      settings, base: base, texts: TinyBase.texts(40, seed: 2), folder: folder,
      output: output(folder + "/\(name).gguf"), taking: given)
  }

  /// Runs a job that is cancelled behind its first step.
  private func cancelled(
    _ run: @escaping @Sendable (@escaping (TuneEvent) -> Void) throws -> Void
  ) async throws {
    await #expect(throws: CancellationError.self) {
      try await Task {
        try run { event in
          if case .step = event { withUnsafeCurrentTask { $0?.cancel() } }
        }
      }.value
    }
  }

  @Test func `exits that were stopped go on, and the file says what it is`() async throws {
    try await withTemporaryFolder { folder in
      let job = exits(try base(), in: folder)
      #expect(job.plan.shortlistCount == 64 && job.plan.kept == job.plan.targets)
      #expect(job.plan.heldOut > 0 && (0...1).contains(job.plan.coverage))
      #expect(try job.estimate().memoryBytes > 0)
      try await cancelled { observe in _ = try job.run(observe: observe) }
      #expect(!FileManager.default.fileExists(atPath: folder + "/exits.gguf"))
      var events: [TuneEvent] = []
      let (byteCount, scores) = try job.run { events.append($0) }
      // The cache is there: nothing is read again.
      guard case .resumed(1, let checkpoint)? = events.first else {
        Issue.record("\(events)")
        return
      }
      #expect(!FileManager.default.fileExists(atPath: checkpoint))
      #expect(events.count == 4 && events[1] == .began(step: 1))
      #expect(scores.map(\.depth) == [1, 2])
      let file = try GGUFFile(path: folder + "/exits.gguf")
      #expect(file.sizeBytes == byteCount)
      let head = try AdapterHead(metadata: file.metadata)
      #expect(head.form == .exits && head.name.hasSuffix(" exits") && head.license == "MIT")
      let lines = ExitReport.lines(scores)
      #expect(lines.count == 1 + 2 * 2 && lines[0].hasPrefix("EXIT  HEAD"))
    }
  }

  @Test func `small feed-forwards that were stopped go on, and their file is read`() async throws {
    try await withTemporaryFolder { folder in
      let base = try base()
      let job = duo(base, in: folder)
      #expect(try job.estimate().diskBytes > 0 && job.planLines.count == 1)
      let whole = try job.run()
      guard case .damage(30, _) = whole.routers else {
        Issue.record("\(whole)")
        return
      }
      #expect(whole.points.count >= 2)
      #expect(whole.lines.count == 2 + whole.points.count)
      let first = try Data(contentsOf: URL(filePath: folder + "/duo.gguf"))
      try await cancelled { observe in _ = try job.run(observe: observe) }
      var events: [TuneEvent] = []
      #expect(try job.run { events.append($0) } == whole)
      guard case .resumed(1, _)? = events.first else {
        Issue.record("\(events)")
        return
      }
      #expect(try Data(contentsOf: URL(filePath: folder + "/duo.gguf")) == first)
      let small = try SmallFeedForwards(
        file: try GGUFFile(path: folder + "/duo.gguf"), weights: base.model.weights,
        pool: base.model.pool)
      #expect(small.shape == SmallFeedForwardShape(width: 64, inner: 32, rank: 32))
      #expect(small.head.recipe.steps == 3 && small.head.name.hasSuffix(" small feed-forwards"))
      #expect(small.facts.points.map(\.share) == whole.points.map { Double(Float($0.share)) })
      // Without steps there are the first values and their routers.
      #expect(try duo(base, in: folder, steps: 0).run().points.count >= 2)
    }
  }

  @Test func `other routers are made for small feed-forwards that stay as they are, bit for bit`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let base = try base()
      _ = try duo(base, in: folder).run()
      let first = try GGUFFile(path: folder + "/duo.gguf")
      let given = try GivenFeedForwards(first, base: base)
      let job = duo(base, in: folder, router: .task, taking: given, to: "task")
      let whole = try job.run()
      guard case .task(3, let share) = whole.routers else {
        Issue.record("\(whole)")
        return
      }
      #expect((0.3...0.95).contains(share) && whole.points.count >= 2)
      #expect(whole.lines[0].hasPrefix("routers of 3 steps"))
      let second = try GGUFFile(path: folder + "/task.gguf")
      #expect(first.tensors.map(\.name) == second.tensors.map(\.name))
      for (a, b) in zip(first.tensors, second.tensors) {
        let isSame =
          a.type == b.type && a.shape == b.shape
          && first.bytes(of: a).withBytes { Array($0) }
            == second.bytes(of: b).withBytes { Array($0) }
        #expect(isSame != a.name.contains("router"), "\(a.name)")
      }
      // The file still says how often its small feed-forwards were trained.
      #expect(try AdapterHead(metadata: second.metadata).recipe.steps == 3)
      let bytes = try Data(contentsOf: URL(filePath: folder + "/task.gguf"))
      try await cancelled { observe in _ = try job.run(observe: observe) }
      var events: [TuneEvent] = []
      #expect(try job.run { events.append($0) } == whole)
      #expect(events.contains(.stage(["mixture", "budget"], steps: 3)))
      #expect(events.contains(.began(step: 1)))
      #expect(try Data(contentsOf: URL(filePath: folder + "/task.gguf")) == bytes)
      // The same way from no file, and the other way from a file.
      #expect(try duo(base, in: folder, router: .task, to: "both").run().points.count >= 2)
      let again = try duo(base, in: folder, taking: given, to: "again").run()
      guard case .damage(30, _) = again.routers else {
        Issue.record("\(again)")
        return
      }
      #expect(throws: (any Error).self) { _ = try GivenFeedForwards(base.file, base: base) }
      let other = TuneBase(
        file: base.file, model: base.model, fingerprint: String(repeating: "b", count: 64))
      #expect(throws: (any Error).self) { _ = try GivenFeedForwards(first, base: other) }
    }
  }

  @Test func `small feed-forwards need answers to learn from and others to measure on`() throws {
    let base = try base()
    var settings = DuoTraining(steps: 1)
    (settings.inner, settings.length) = (32, 64)
    for (texts, place) in [
      (TinyBase.texts(40, length: 7, seed: 1), "data"),
      (TinyBase.texts(40, seed: 1).filter { !$0.isHeldOut }, "--held-out"),
    ] {
      let job = TuneDuoJob(
        settings, base: base, texts: texts, folder: "/tmp", output: output("/tmp/none.gguf"))
      let error = #expect(throws: TrainingError.self) { try job.check() }
      #expect(error?.code == .emptyData && error?.place == place)
    }
  }

  @Test func `a draft head that was stopped goes on, and its file drafts`() async throws {
    try await withTemporaryFolder { folder in
      let base = try base()
      let job = draft(base, in: folder)
      #expect(job.plan.tokenCount == 64 && job.plan.kept == job.plan.targets)
      #expect(try job.estimate().diskBytes > 0)
      let (_, whole) = try job.run()
      let first = try Data(contentsOf: URL(filePath: folder + "/draft.gguf"))
      try await cancelled { observe in _ = try job.run(observe: observe) }
      let (byteCount, score) = try job.run()
      #expect(score == whole && score.trials[0] > 0 && score.lines.count == 5)
      #expect(try Data(contentsOf: URL(filePath: folder + "/draft.gguf")) == first)
      let file = try GGUFFile(path: folder + "/draft.gguf")
      #expect(file.sizeBytes == byteCount)
      let drafting = try base.model.drafting(with: file, fingerprint: base.fingerprint)
      #expect(drafting.draftHead?.head.name.hasSuffix(" draft head") == true)
      #expect(drafting.draftHead?.head.license == "MIT")
    }
  }

  @Test func `LITE that was stopped goes on, and knows the measure from before`() async throws {
    try await withTemporaryFolder { folder in
      let base = try base()
      let job = lite(base, in: folder)
      #expect(try job.estimate().diskBytes > 0)
      let whole = try job.run()
      #expect(whole.before?.losses.count == 2 && whole.after.losses.count == 2)
      #expect(whole.step == 3 && whole.after.noisyAccuracy == nil)
      let first = try Data(contentsOf: URL(filePath: folder + "/lite.gguf"))
      #expect(first.count == whole.byteCount)
      try await cancelled { observe in _ = try job.run(observe: observe) }
      let rest = try job.run()
      #expect(rest == whole)
      #expect(try Data(contentsOf: URL(filePath: folder + "/lite.gguf")) == first)
      let head = try AdapterHead(metadata: GGUFFile(path: folder + "/lite.gguf").metadata)
      #expect(head.form == .lora && head.name.hasSuffix(" LITE"))
    }
  }

  @Test func `answers are added in portions, and prompts that are there are known`() async throws {
    try await withTemporaryFolder { folder in
      let base = try base()
      let file = AnswerFile(path: folder + "/own.jsonl")
      let prompts = (0..<5).map { [ChatMessage(.user, "number \($0)")] }
      #expect(try await file.prompts.isEmpty)
      let writer = AnswerWriter(
        room: 96, answerLength: 8,
        choose: AnswerSampler(temperature: 0, seed: 0).token)
      var heard: [Int] = []
      let first = try file.add(answersTo: Array(prompts.prefix(2)), by: base, with: writer) {
        heard.append($0)
      }
      #expect(first.count == 2 && first.failure == nil && heard == [1, 2])
      #expect(try await file.prompts == Set(prompts.prefix(2)))
      let rest = try file.add(answersTo: Array(prompts.dropFirst(2)), by: base, with: writer)
      #expect(rest.count == 3 && rest.tokenCount <= 3 * 8)
      #expect(try await file.prompts == Set(prompts))
      #expect(throws: TrainingError.self) {
        try AnswerFile(path: "/nowhere/own.jsonl").add(answersTo: prompts, by: base, with: writer)
      }
      // What was written is what the data then hold.
      let rows = try await DataFile(path: folder + "/own.jsonl").rows
      let read = OwnAnswers(of: base, length: 96).read(rows.withDistinctPrompts)
      #expect(read.count == 5)
    }
  }

  @Test func `each prompt counts once, and rows without one not at all`() {
    let question = [ChatMessage(.user, "why")]
    let rows: [DataRow] = [
      .conversation(question + [ChatMessage(.assistant, "so")]), .text("a plain text"),
      .conversation(question + [ChatMessage(.assistant, "otherwise")]),
      .conversation([ChatMessage(.user, "how")]),
    ]
    #expect(rows.withDistinctPrompts.map(\.prompt) == [question, [ChatMessage(.user, "how")]])
  }
}
