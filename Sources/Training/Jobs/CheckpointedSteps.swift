/// The steps of a training, with a checkpoint each minute and at every end but the good one.
struct CheckpointedSteps {
  /// What a step gives: its number, its losses, and how much was read in it.
  typealias Report = (step: Int, losses: [Double?], amount: Int)

  let count: Int
  let observe: (TuneEvent) -> Void
  /// Saves the trainer's state.
  let save: () throws(TrainingError) -> Void
  /// Looks at what a step came to: the step that training goes on behind, nil to end it.
  var review: (_ step: Int) throws(TrainingError) -> Int? = { $0 }

  /// Takes the steps behind `step`. Throws a `CancellationError` where the task is cancelled; what was
  /// reached is saved then, and where a loss is no number.
  func run(after step: Int, take: () throws(TrainingError) -> Report) throws {
    observe(.began(step: step))
    let clock = ContinuousClock()
    var (step, saved) = (step, clock.now)
    while step < count {
      do throws(TrainingError) {
        let report = try take()
        step = report.step
        observe(.step(step, losses: report.losses, amount: report.amount))
        guard let next = try review(step) else { return }
        step = next
      } catch {
        if error.code == .diverged { try save() }
        throw error
      }
      if Task.isCancelled || clock.now - saved > .seconds(60) {
        try save()
        saved = clock.now
      }
      if Task.isCancelled {
        observe(.stopped(step: step))
        throw CancellationError()
      }
    }
  }
}
