/// A training under a `CleanGuard`: measures it when that is due, remembers where it was good, and takes
/// it back.
struct CleanWatch {
  /// What trains.
  let trainer: LiteTrainer
  /// What is kept.
  let clean: CleanGuard
  /// The texts that are measured on.
  let heldOut: [TrainingText]
  /// The checkpoint of the last good state.
  let goodPath: String
  /// The checkpoint of the training, which follows every way back: so a training that was killed decides
  /// the same again.
  let path: String
  /// Hears of measurements and decisions.
  let observe: (TuneEvent) -> Void

  /// Keeps the state before the first step, or checks that the last good state is there to go back to.
  func begin() throws(TrainingError) {
    if trainer.step == 0, trainer.setbacks == 0 { return try trainer.save(to: goodPath) }
    guard trainer.before != nil, try Checkpoint(path: goodPath)?.recipe == trainer.recipe else {
      throw missing
    }
  }

  /// Looks at what `step` came to. Returns the step that training goes on behind, nil where it ends early
  /// with the last good state. Throws where that is the state before the first step.
  func review(_ step: Int) throws(TrainingError) -> Int? {
    guard clean.isDue(behind: step, of: trainer.settings.steps), let before = trainer.cleanBefore
    else { return step }
    let loss = trainer.cleanLoss(of: heldOut)
    observe(.clean(step: step, loss: loss, rise: loss - before))
    if clean.keeps(loss, before: before) {
      try trainer.save(to: goodPath)
      return step
    }
    let setbacks = trainer.setbacks + 1
    guard let good = try Checkpoint(path: goodPath) else { throw missing }
    try trainer.resume(from: good)
    trainer.setbacks = setbacks
    if setbacks >= CleanGuard.lastSetback {
      guard trainer.step > 0 else {
        // The same command would go the same way; another one shall not find them.
        Checkpoint.remove([path, goodPath])
        throw .lostTask(limit: clean.limit)
      }
      observe(.gaveUp(step: step, good: trainer.step))
      return nil
    }
    try trainer.save(to: path)
    observe(.wentBack(from: step, to: trainer.step, rate: trainer.rateFactor))
    return trainer.step
  }

  private var missing: TrainingError {
    TrainingError(
      .wrongCheckpoint, at: goodPath,
      "the last good state of this training is not there. Remove \(path) to begin again.")
  }
}
