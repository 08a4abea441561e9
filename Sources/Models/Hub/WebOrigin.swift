package import Foundation

/// Who answers at an address: scheme, host and port. A token is for one of them and no other.
package struct WebOrigin: Hashable, Sendable {
  private let scheme: String
  private let host: String
  private let port: Int

  /// Who answers at `url`; nil where it is no address of the web.
  package init?(_ url: URL) {
    guard let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
      let host = url.host?.lowercased(), !host.isEmpty
    else { return nil }
    (self.scheme, self.host) = (scheme, host)
    port = url.port ?? (scheme == "https" ? 443 : 80)
  }

  /// Whether what is said cannot be read on the way.
  var isEncrypted: Bool { scheme == "https" }
  /// The name, with the port where it is not the usual one.
  package var name: String { port == (isEncrypted ? 443 : 80) ? host : "\(host):\(port)" }
}
