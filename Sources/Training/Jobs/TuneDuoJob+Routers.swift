import Inference
import Reports
import Transformer

/// The routers of a training, in either way.
extension TuneDuoJob {
  /// Routers for the small feed-forwards as they stand, and how they came about.
  func routers(
    _ trainer: DuoTrainer, _ head: AdapterHead, observe: @escaping (TuneEvent) -> Void
  ) throws -> ([Router], Routers) {
    switch settings.router.method {
    case .damage:
      trainer.releaseMemory()
      let labels = try labels(trainer, head, observe: observe)
      let fit = try RouterFit(labels, pool: base.model.pool)
      return (fit.routers, .damage(labels: labels.count, explained: fit.explained.within))
    case .task:
      let routing = try trainedRouters(trainer, observe: observe)
      return (routing.found, .task(steps: routing.step, share: routing.share))
    }
  }

  /// The damages that routers learn from.
  private func labels(
    _ trainer: DuoTrainer, _ head: AdapterHead, observe: @escaping (TuneEvent) -> Void
  ) throws -> DamageLabels {
    let runtime = try runtime(trainer, head, trainer.emptyRouters)
    return try counted("damages", observe) { progress in
      DamageLabels.read(
        trainer.texts, settings: settings, runtime: runtime, base: trainer.base, progress: progress)
    }
  }

  /// Routers that took their steps on the model's own loss.
  private func trainedRouters(
    _ trainer: DuoTrainer, observe: @escaping (TuneEvent) -> Void
  ) throws -> RouterTrainer {
    let routing = try RouterTrainer(trainer)
    let path = checkpointPath("routers")
    if let checkpoint = try Checkpoint(path: path) {
      try routing.resume(from: checkpoint)
      observe(.resumed(step: routing.step, checkpoint: path))
    } else if let given, settings.router.startsFromFile {
      let offset = given.facts.offset(forShare: Double(settings.router.share))
      routing.start(at: given.routers, offset: Float(offset))
    }
    observe(.stage(["mixture", "budget"], steps: settings.router.steps))
    let steps = CheckpointedSteps(count: settings.router.steps, observe: observe) {
      () throws(TrainingError) in try routing.save(to: path)
    }
    try steps.run(after: routing.step) { () throws(TrainingError) in
      let report = try routing.takeStep()
      return (report.step, [report.loss, report.budget], report.tokenCount)
    }
    try routing.save(to: path)
    return routing
  }
}

extension TuneDuoJob.Routers {
  /// How they came about, in words.
  var line: String {
    switch self {
    case .damage(let labels, let explained):
      "\(labels.grouped) labels; the routers explain \((100 * explained).rounded(to: 1)) % of the "
        + "variance within a block"
    case .task(let steps, let share):
      "routers of \(steps) steps; in their mixtures \((100 * share).rounded(to: 1)) % are big"
    }
  }
}
