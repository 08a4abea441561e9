import Dials
import Files
import Foundation
import GGUF
import Inference
import TestSupport
import Testing
import Training
import Transformer

/// The guard that keeps the task without noise, in trainings that are planted to lose it.
struct CleanGuardTests {
  @Test func `where the first measurement fails three times, nothing is written`() async throws {
    try await withTemporaryFolder { folder in
      let job = try Self.job(in: folder, steps: 4, interval: 2, limit: -100)
      var events: [TuneEvent] = []
      #expect {
        _ = try job.run { events.append($0) }
      } throws: {
        ($0 as? TrainingError)?.code == .lostTask
      }
      #expect(events.backs == ["2-0 at 0.5", "2-0 at 0.25"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test func `going back to the start is a training at half the rate from the start`() async throws
  {
    try await withTemporaryFolder { folder in
      func run(
        rate: Float, limit: Double
      ) throws -> (outcome: TuneLiteJob.Outcome, backs: [String]) {
        var events: [TuneEvent] = []
        let job = try Self.job(in: folder, steps: 4, interval: 4, limit: limit, rate: rate)
        let outcome = try job.run { events.append($0) }
        return (outcome, events.backs)
      }
      let fast = try run(rate: 1e-2, limit: .infinity).outcome
      let slow = try run(rate: 5e-3, limit: .infinity).outcome
      let file = try Data(contentsOf: URL(filePath: folder + "/msn.gguf"))
      try #require(0.05 < slow.rise && slow.rise < fast.rise - 0.05)
      let between = (slow.rise + fast.rise) / 2
      let (kept, backs) = try run(rate: 1e-2, limit: between)
      #expect(backs == ["4-0 at 0.5"])
      #expect(kept.after == slow.after && kept.before == slow.before && kept.step == 4)
      #expect(try Data(contentsOf: URL(filePath: folder + "/msn.gguf")) == file)
    }
  }

  @Test func `the third setback ends it with what was good, also after stops`() async throws {
    try await withTemporaryFolder { folder in
      var rises: [Int: Double] = [:]
      _ = try Self.job(in: folder, steps: 6, interval: 3, limit: .infinity).run {
        if case .clean(let step, _, let rise) = $0 { rises[step] = rise }
      }
      let good = try #require(rises[3])
      func job() throws -> TuneLiteJob {
        try Self.job(in: folder, steps: 6, interval: 3, limit: good + 1e-9)
      }
      var events: [TuneEvent] = []
      let outcome = try job().run { events.append($0) }
      #expect(events.backs == ["6-3 at 0.5", "6-3 at 0.25"])
      #expect(events.contains(.gaveUp(step: 6, good: 3)))
      #expect(outcome.step == 3 && outcome.rise == good)
      let file = try Data(contentsOf: URL(filePath: folder + "/msn.gguf"))
      let head = try AdapterHead(metadata: GGUFFile(path: folder + "/msn.gguf").metadata)
      #expect(head.recipe.steps == 3 && head.recipe.noise == "1-3 tokens in 0.5 of the texts")
      #expect(head.name.hasSuffix(" MSN"))

      // Stopped behind each step and each way back, it comes to the same bits.
      try FileManager.default.removeItem(atPath: folder + "/msn.gguf")
      var stops = 0
      while !FileManager.default.fileExists(atPath: folder + "/msn.gguf"), stops < 40 {
        stops += 1
        let job = try job()
        _ = try? await Task {
          _ = try job.run { event in
            switch event {
            case .step, .wentBack: withUnsafeCurrentTask { $0?.cancel() }
            default: break
            }
          }
        }.value
      }
      #expect(stops > 6)
      #expect(try Data(contentsOf: URL(filePath: folder + "/msn.gguf")) == file)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["msn.gguf"])
    }
  }

  @Test func `without the last good state a training does not go on`() async throws {
    try await withTemporaryFolder { folder in
      let job = try Self.job(in: folder, steps: 4, interval: 2, limit: .infinity)
      await #expect(throws: CancellationError.self) {
        try await Task {
          _ = try job.run { event in
            if case .step = event { withUnsafeCurrentTask { $0?.cancel() } }
          }
        }.value
      }
      let files = try FileManager.default.contentsOfDirectory(atPath: folder)
      let good = try #require(files.first { $0.contains(".good.") })
      try FileManager.default.removeItem(atPath: "\(folder)/\(good)")
      #expect {
        _ = try job.run()
      } throws: {
        ($0 as? TrainingError)?.code == .wrongCheckpoint
      }
    }
  }

  @Test func `texts that cannot give what is asked for are refused`() async throws {
    try await withTemporaryFolder { folder in
      let short = TinyBase.texts(20, length: 6, seed: 2)
      for job in [
        try Self.job(in: folder, texts: short, steps: 2, interval: 1, limit: 1, lengths: 2...3),
        try Self.job(
          in: folder, texts: TinyBase.texts(20, seed: 2).filter { !$0.isHeldOut }, steps: 2,
          interval: 1, limit: 1),
      ] {
        #expect {
          _ = try job.run()
        } throws: {
          ($0 as? TrainingError)?.code == .emptyData
        }
      }
      let some = short + TinyBase.texts(20, length: 24, seed: 3)
      let job = try Self.job(in: folder, texts: some, steps: 40, interval: 1, limit: 1)
      #expect(
        job.planLines.last
          == "noise: 1-3 tokens in 0.5 of the texts; 17 stay clean when a longer segment is drawn")
      #expect(try job.estimate().seconds > 0)
    }
  }

  /// Texts that are held out are what the toy itself writes, those that are trained on draw from ten
  /// tokens: what training makes likelier takes from what is measured, so the loss rises.
  @inline(never)
  private static func texts(_ base: TuneBase) throws -> [TrainingText] {
    let model = try BaseModel(file: base.file, weights: base.model.weights)
    let writer = try LiteTrainer(
      LiteTraining(exits: [], steps: 1), base: model, texts: TinyBase.texts(2, seed: 1),
      pool: base.model.pool)
    var generator = SeededGenerator(seed: 8)
    return (0..<32).map { index in
      var tokens = (0..<24).map { _ in TokenID(Int.random(in: 20..<30, using: &generator)) }
      if index < 4 {
        tokens = [TokenID(100 + index)]
        while tokens.count < 24 {
          let logits = writer.logits(of: TrainingText(tokens: tokens, targets: [])).suffix(300)
          let next = logits.indices.max { logits[$0] < logits[$1] } ?? logits.startIndex
          tokens.append(TokenID(next - logits.startIndex))
        }
      }
      return TrainingText(tokens: tokens, targets: [4..<24], isHeldOut: index < 4)
    }
  }

  @inline(never)
  private static func job(
    in folder: String, texts: [TrainingText]? = nil, steps: Int,
    interval: Int, limit: Double, rate: Float = 1e-2, lengths: ClosedRange<Int> = 1...3
  ) throws -> TuneLiteJob {
    let file = try TinyModel(blockCount: 3).file()
    let base = TuneBase(
      file: file, model: try LoadedModel(file: file, threads: 2),
      fingerprint: String(repeating: "a", count: 64))
    var settings = LiteTraining(exits: [], steps: steps)
    (settings.rank, settings.batch, settings.length, settings.rate) = (4, 4, 64, rate)
    settings.noise = InputNoise(lengths: lengths, share: 0.5)
    settings.clean = CleanGuard()
    settings.clean?.limit = limit
    settings.clean?.interval = interval
    return TuneLiteJob(
      settings, base: base, texts: try texts ?? Self.texts(base), folder: folder,
      output: TuneOutput(
        file: OutputFile(folder + "/msn.gguf", replaces: true), type: .f32, license: "MIT",
        recipe: AdapterHead.Recipe()))
  }
}

extension TuneLiteJob.Outcome {
  /// How far the loss without noise rose.
  fileprivate var rise: Double { (after.losses.last ?? .nan) - (before?.losses.last ?? .nan) }
}

extension [TuneEvent] {
  /// Where the training went back: from, to, at which part of the rate.
  fileprivate var backs: [String] {
    compactMap {
      if case .wentBack(let from, let to, let rate) = $0 { "\(from)-\(to) at \(rate)" } else { nil }
    }
  }
}
