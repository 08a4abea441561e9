/// Why a server could not be asked.
package struct WebError: Error, Hashable, Sendable {
  /// What kind of trouble it is.
  package enum Code: Hashable, Sendable {
    /// There is no `curl`.
    case noCurl
    /// The server, or the network, is not there.
    case unreachable
    /// The connection ended before its time, or nothing came for too long.
    case cut
    /// The connection is not safe.
    case insecure
    /// Anything else.
    case other
  }

  /// What kind of trouble it is.
  package let code: Code
  /// What happened, without a full stop.
  package let reason: String

  /// An error of this kind.
  package init(_ code: Code, _ reason: String) { (self.code, self.reason) = (code, reason) }

  /// What the exit code of `curl` means; `words` is what it said.
  init(curlCode: Int, words: String) {
    code =
      switch curlCode {
      case 5, 6, 7: .unreachable
      case 16, 18, 28, 35, 52, 55, 56, 92, 95, 96: .cut
      case 51, 53, 54, 58, 59, 60, 66, 77, 80, 82, 83, 90, 91: .insecure
      default: .other
      }
    let said = words.split(whereSeparator: \.isNewline).last.map { line in
      line.firstRange(of: "curl: (\(curlCode)) ").map { line[$0.upperBound...] } ?? line
    }
    reason = said.map { "\($0)" } ?? "curl ended with code \(curlCode)"
  }

  /// Whether it may go better in a moment.
  var isPassing: Bool { code == .unreachable || code == .cut }
}
