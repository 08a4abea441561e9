/// A dial that cannot be turned that way: what was typed, what is wrong with it and what to do.
public struct DialError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of mistake it is.
  public enum Code: String, Hashable, Sendable {
    /// The text is not in the notation.
    case notation
    /// A block or a depth that the model does not have.
    case outsideModel
    /// A threshold that is not a number or out of the range of its measure.
    case threshold
    /// Settings that leave nothing to run.
    case nothingLeft
    /// A number that must be larger or smaller.
    case range
  }

  /// What kind of mistake it is.
  public var code: Code
  /// What was typed, or the setting as a person would type it.
  public var typed: String
  /// What is wrong with it.
  public var problem: String
  /// What to do.
  public var remedy: String

  /// An error about `typed`.
  public init(_ code: Code, typed: String, problem: String, remedy: String) {
    self.code = code
    self.typed = typed
    self.problem = problem
    self.remedy = remedy
  }

  /// What a person reads: `"fixed 30": ... Try ...`.
  public var description: String { "\"\(typed)\": \(problem). \(remedy)." }
}
