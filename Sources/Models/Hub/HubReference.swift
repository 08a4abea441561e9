import Foundation

/// A model on the hub as people name it: `owner/repo`, `owner/repo:quant`, or `owner/repo/file.gguf`.
package struct HubReference: Hashable, Sendable {
  /// Which of the repository's files is meant.
  package enum Choice: Hashable, Sendable {
    /// The one of this quantisation; the usual one where none is named.
    case quantisation(String?)
    /// The one at this path of the repository.
    case file(String)
  }

  /// Who published it.
  package let owner: String
  /// The repository's own name.
  package let name: String
  /// The file that is meant.
  package let choice: Choice

  /// What names of models on the hub begin with.
  package static let prefix = "hf:"

  /// The repository as the hub names it: `owner/name`.
  package var repository: String { "\(owner)/\(name)" }

  /// What `text` names, with or without `hf:`.
  package init(_ text: String) throws(ModelsError) {
    let text = text.hasPrefix(Self.prefix) ? String(text.dropFirst(Self.prefix.count)) : text
    let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let path = (halves.first ?? "").split(separator: "/", omittingEmptySubsequences: false)
      .map(String.init)
    let quantisation = halves.count == 2 ? String(halves[1]) : nil
    guard path.count >= 2, path.allSatisfy(Self.isName),
      quantisation.map(Self.isName) ?? true,
      path.count == 2 || (quantisation == nil && path.last?.hasSuffix(".gguf") == true)
    else {
      throw ModelsError(
        .unknownModel, at: text,
        message: "this is no name of a model on the hub. Give owner/repo, owner/repo:Q4_K_M or "
          + "owner/repo/file.gguf.")
    }
    (owner, name) = (path[0], path[1])
    choice =
      path.count == 2
      ? .quantisation(quantisation) : .file(path.dropFirst(2).joined(separator: "/"))
  }

  init(owner: String, name: String, choice: Choice) {
    (self.owner, self.name, self.choice) = (owner, name, choice)
  }

  /// Whether `text` can be a part of a name: letters, digits, dots, dashes, lines below; and no way out of a
  /// folder.
  static func isName(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && !text.hasPrefix(".") && !text.hasPrefix("-") && text.utf8.count <= 255
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
          UInt8(ascii: "."), UInt8(ascii: "+"):
          true
        default: false
        }
      }
  }
}

extension HubReference: CustomStringConvertible {
  /// As it is given to `-m`.
  package var description: String {
    switch choice {
    case .quantisation(nil): "\(Self.prefix)\(repository)"
    case .quantisation(let quantisation?): "\(Self.prefix)\(repository):\(quantisation)"
    case .file(let path): "\(Self.prefix)\(repository)/\(path)"
    }
  }
}
