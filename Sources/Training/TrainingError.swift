import Files

/// Why training cannot begin or cannot go on: what, where, and what to do about it.
package struct TrainingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of failure.
  package enum Code: String, Hashable, Sendable {
    /// There is no BLAS on this machine.
    case noBLAS
    /// There is nothing to learn in the data.
    case emptyData
    /// A setting makes no sense for this model.
    case badSetting
    /// An argument that fits neither the model nor the others.
    case badArgument
    /// An adapter that cannot be read.
    case badAdapter
    /// An adapter of another base model.
    case wrongBase
    /// A checkpoint that does not belong to this run.
    case wrongCheckpoint
    /// The loss or its gradient is NaN or infinite.
    case diverged
    /// Training costs the task without noise more than it may.
    case lostTask
    /// A file cannot be written, as on a full disk.
    case cannotWrite
  }

  /// The kind of failure.
  package var code: Code
  /// The file, tensor, step or setting concerned.
  package var place: String
  /// What is wrong and what to do, in sentences.
  package var message: String

  /// An error of the given kind, at the given place.
  package init(_ code: Code, at place: String, _ message: String) {
    self.code = code
    self.place = place
    self.message = message
  }

  /// What an error about a file means for a training.
  init(_ error: FileError) {
    self.init(.cannotWrite, at: error.path, "\(error.reason). \(error.remedy).")
  }

  /// The loss or the gradient of a step is NaN or infinite.
  static func diverged(atStep step: Int) -> TrainingError {
    TrainingError(
      .diverged, at: "step \(step)",
      "the loss is not finite. The last good state is kept; go on from it with a lower --rate.")
  }

  /// Steps compare the model with what it said as a whole.
  static var noPredictions: TrainingError {
    TrainingError(
      .badSetting, at: "steps", "steps need the base's predictions, and there are none.")
  }

  /// No measured state of a training kept the task without noise.
  static func lostTask(limit: Double) -> TrainingError {
    TrainingError(
      .lostTask, at: "clean loss",
      "it rose by more than \(limit) nats at the first measurement, three times, at half the "
        + "rate each time. Nothing is written. Begin again with a lower --rate, less noise or more data."
    )
  }

  /// One line: the place, what is wrong, what to do.
  package var description: String { "\(place): \(message)" }
}
