package import Dials

/// A way to leave early, in one file: how people write it, what it means, what the screen calls it,
/// and the policy that decides. `Catalogue.exits` lists them all; nothing else knows one by name.
///
/// Its `Codable` form is what a record holds under `key`.
package protocol ExitTechnique: Hashable, Codable, Sendable {
  /// Its name in records.
  static var key: String { get }
  /// The words that its notation may begin with.
  static var words: [String] { get }
  /// Its notation with placeholders, for help.
  static var usage: String { get }
  /// Settings as people type them, for help and remedies.
  static var examples: [String] { get }
  /// The word of the reason that its policy gives.
  static var reason: String { get }
  /// What the inspector says of a token that left so, behind the depth.
  static func explanation(of reason: ExitReason, number: (Float) -> String) -> String

  /// Reads the notation, split at white space, in lower case; nil when it is something else. `usual`
  /// are the depths where tokens may leave when none is named.
  init?(words: [String], usual: [Int])

  /// Checks what was `typed` for a model of `blockCount` blocks.
  func validate(blockCount: Int, typed: String) throws(DialError)

  /// The depths at which a token may leave, ascending.
  var depths: [Int] { get }
  /// The depths at which a gate is asked, ascending.
  var gatedDepths: [Int] { get }
  /// The notation; `init(words:usual:)` reads it back as the same setting.
  var notation: String { get }
  /// A few words for the title, behind "exit"; `number` writes a threshold.
  func label(number: (Float) -> String) -> String

  /// Decides with the depths that `saves`: those behind which a block would run. Nil when no token
  /// could ever leave.
  func policy(where saves: (Int) -> Bool) -> (any DepthPolicy)?

  /// The thresholds between which a person may slide, ascending; empty where there is none to slide.
  var slides: [Float] { get }
  /// The same with one threshold at every depth; nil where there is none.
  func sliding(to threshold: Float) -> Self?
}

extension ExitTechnique {
  /// No gate is asked.
  package var gatedDepths: [Int] { [] }
  /// There is no threshold.
  package var slides: [Float] { [] }
  /// There is no threshold.
  package func sliding(to threshold: Float) -> Self? { nil }
}
