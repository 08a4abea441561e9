import Files
package import Foundation

/// Where the hub is, who asks, and where its files are kept: what the variables of `huggingface_hub` say.
package struct HubSettings: Sendable {
  /// The hub's address, without a slash at its end.
  package let endpoint: URL
  /// The folder that all programs for the hub share.
  package let cacheFolder: String
  /// What stands for the person; nil where nobody is named.
  package let token: String?
  /// Whether the network may not be used.
  package let isOffline: Bool

  /// The hub that everybody means.
  private static let usualEndpoint = "https://huggingface.co"

  /// Settings of these values.
  package init(endpoint: URL, cacheFolder: String, token: String? = nil, isOffline: Bool = false) {
    (self.endpoint, self.cacheFolder) = (endpoint, cacheFolder)
    (self.token, self.isOffline) = (token, isOffline)
  }

  /// What the variables `HF_ENDPOINT`, `HF_TOKEN`, `HF_TOKEN_PATH`, `HF_HUB_OFFLINE`, `HF_HOME` and
  /// `HF_HUB_CACHE` say.
  package init(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(ModelsError) {
    endpoint = try Self.endpoint(environment["HF_ENDPOINT"])
    cacheFolder = Self.cacheFolder(environment: environment)
    token = try Self.token(environment: environment)
    isOffline = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"].contains { name in
      environment[name].map(Self.isTrue) ?? false
    }
  }

  /// The folder that programs for the hub share.
  package static func cacheFolder(environment: [String: String]) -> String {
    func folder(_ name: String) -> String? {
      environment[name].flatMap {
        $0.isEmpty ? nil : HomeFolder.expand($0, environment: environment)
      }
    }
    let given = folder("HF_HUB_CACHE") ?? folder("HUGGINGFACE_HUB_CACHE")
    return given ?? home(environment: environment) + "/hub"
  }

  /// The folder of all that belongs to the hub.
  private static func home(environment: [String: String]) -> String {
    if let home = environment["HF_HOME"], !home.isEmpty {
      return HomeFolder.expand(home, environment: environment)
    }
    let cache = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    return (cache ?? HomeFolder.path(environment: environment) + "/.cache") + "/huggingface"
  }

  private static func endpoint(_ text: String?) throws(ModelsError) -> URL {
    let text = text.flatMap { $0.isEmpty ? nil : $0 } ?? usualEndpoint
    let trimmed = String(text.reversed().drop { $0 == "/" }.reversed())
    guard let url = URL(string: trimmed), WebOrigin(url) != nil, url.query == nil else {
      throw ModelsError(
        .badSetting, at: "HF_ENDPOINT",
        message: "'\(text)' is no address of a hub. Unset it, or give one like \(usualEndpoint).")
    }
    return url
  }

  private static func token(environment: [String: String]) throws(ModelsError) -> String? {
    if environment["HF_HUB_DISABLE_IMPLICIT_TOKEN"].map(isTrue) ?? false { return nil }
    for name in ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"] {
      if let token = try token(environment[name], from: name) { return token }
    }
    let path =
      environment["HF_TOKEN_PATH"].flatMap { $0.isEmpty ? nil : $0 }
      ?? home(environment: environment) + "/token"
    let expanded = HomeFolder.expand(path, environment: environment)
    guard let data = try? FileReader.contents(of: expanded, limit: 1 << 14) else { return nil }
    return try token(String(decoding: data, as: UTF8.self), from: expanded)
  }

  /// The token that `text` holds, if it holds one; it goes into a line of a request as it is.
  private static func token(_ text: String?, from place: String) throws(ModelsError) -> String? {
    guard let token = text?.trimmingCharacters(in: .whitespacesAndNewlines), !token.isEmpty else {
      return nil
    }
    guard token.utf8.allSatisfy({ (33...126).contains($0) }) else {
      throw ModelsError(
        .badSetting, at: place,
        message:
          "this is no token of the hub: it has blanks or other characters that a token cannot have. "
          + "Copy it again from the hub's settings.")
    }
    return token
  }

  private static func isTrue(_ text: String) -> Bool {
    ["1", "on", "yes", "true"].contains(text.lowercased())
  }
}
