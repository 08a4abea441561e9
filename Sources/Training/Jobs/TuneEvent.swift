/// What a training tells of its course.
package enum TuneEvent: Hashable, Sendable {
  /// So many positions of all were read by the base.
  case reading(Int, of: Int)
  /// So many pieces of other work of all, named as people know it, are done.
  case counting(String, Int, of: Int)
  /// The reading, or the other work, is over.
  case read
  /// It goes on from a checkpoint's step.
  case resumed(step: Int, checkpoint: String)
  /// From here on something else is trained: the names of its losses, and its steps.
  case stage([String], steps: Int)
  /// The steps begin behind this one.
  case began(step: Int)
  /// A step was taken: its losses in nats, nil where it has none, and how much was read in it.
  case step(Int, losses: [Double?], amount: Int)
  /// The loss without noise of held-out texts at full depth behind this step, and its rise over what it was
  /// before the first, in nats.
  case clean(step: Int, loss: Double, rise: Double)
  /// That loss rose too far behind step `from`: training goes on behind step `to`, at `rate` times the rate.
  case wentBack(from: Int, to: Int, rate: Float)
  /// It rose too far for the last time behind `step`: training ends with the parameters of step `good`.
  case gaveUp(step: Int, good: Int)
  /// It was cancelled behind this step.
  case stopped(step: Int)
}
