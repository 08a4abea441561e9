/// What a training tells of its course.
package enum TuneEvent: Hashable, Sendable {
  /// So many positions of all were read by the base.
  case reading(Int, of: Int)
  /// The reading is over.
  case read
  /// It goes on from a checkpoint's step.
  case resumed(step: Int, checkpoint: String)
  /// The steps begin behind this one.
  case began(step: Int)
  /// A step was taken: its losses in nats, nil where it has none, and how much was read in it.
  case step(Int, losses: [Double?], amount: Int)
  /// It was cancelled behind this step.
  case stopped(step: Int)
}
