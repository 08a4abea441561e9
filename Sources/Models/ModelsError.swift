/// Why a model is not there or could not be brought: what, where, and what to do about it.
package struct ModelsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of failure.
  package enum Code: Hashable, Sendable {
    /// No model of this name is known.
    case unknownModel
    /// The model's file is not there.
    case missingModel
    /// There is no `python3`.
    case noPython
    /// Python has no `pip`.
    case noPip
    /// There is no `curl`.
    case noCurl
    /// The package index, or the hub, cannot be reached.
    case noNetwork
    /// The network may not be used.
    case offline
    /// The hub does not show the model to this person.
    case noAccess
    /// `pip`, or the hub, failed for another reason.
    case downloadFailed
    /// What was downloaded is not the model that was asked for.
    case damagedDownload
    /// The model, or its folder, cannot be created.
    case cannotCreate
    /// Writing failed on the way, as on a full disk.
    case cannotWrite
    /// The model is not Fathom's to remove.
    case notOurs
    /// A variable of the environment makes no sense.
    case badSetting
    /// The user, or the system, asked to stop.
    case interrupted
  }

  /// The kind of failure.
  package var code: Code
  /// The file, folder, package or program concerned.
  package var place: String
  /// What is wrong and what to do, in sentences.
  package var message: String

  /// An error of the given kind, at the given place.
  package init(_ code: Code, at place: String, message: String) {
    self.code = code
    self.place = place
    self.message = message
  }

  /// One line: the place, what is wrong, what to do.
  package var description: String { "\(place): \(message)" }
}
