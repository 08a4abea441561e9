/// A model that is here.
package struct FoundModel: Hashable, Sendable {
  /// Whose folder it lies in.
  package enum Origin: Hashable, Sendable {
    /// Fathom's own.
    case folder
    /// The cache that programs for the hub share.
    case hub
    /// Ollama's.
    case ollama
    /// Another, which the person named.
    case elsewhere

    /// In a word or two.
    package var words: String {
      switch self {
      case .folder: "Fathom"
      case .hub: "Hugging Face"
      case .ollama: "ollama"
      case .elsewhere: "FATHOM_MODEL"
      }
    }
  }

  /// The name that finds it.
  package let name: String
  /// Where it lies; the first part of one that is split.
  package let path: String
  /// Whose folder that is.
  package let origin: Origin
}
