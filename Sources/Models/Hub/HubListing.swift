import Foundation

/// A file of a repository, as the hub records it.
struct HubFile: Hashable, Sendable {
  /// Its path in the repository.
  let path: String
  /// Its size.
  let sizeBytes: Int
  /// Its SHA-256, in hexadecimal digits: the record of large files states it.
  let sha256: String
}

/// What a repository of the hub holds at one moment.
struct HubListing: Hashable, Sendable {
  /// The state of the repository, as git names it.
  let commit: String
  /// The paths of all files that can be in a folder.
  let paths: [String]
  /// The large files, by path.
  private let files: [String: HubFile]

  /// Bytes of the hub's answer that are read.
  static let byteLimit = 1 << 25

  /// Reads what the hub says of a repository; throws where it cannot be believed.
  init(_ data: Data, place: String) throws(ModelsError) {
    guard let answer = try? JSONDecoder().decode(Answer.self, from: data) else {
      throw ModelsError(
        .downloadFailed, at: place,
        message:
          "what the hub says of the repository cannot be read. Try again, and check HF_ENDPOINT.")
    }
    guard Self.isHexadecimal(answer.sha, digits: 40) else {
      throw ModelsError(
        .downloadFailed, at: place,
        message: "the hub names no state of the repository. Try again, and check HF_ENDPOINT.")
    }
    commit = answer.sha
    let safe = answer.siblings.filter { Self.isSafe($0.rfilename) }
    paths = safe.map(\.rfilename)
    files = Dictionary(
      safe.compactMap { sibling -> (String, HubFile)? in
        guard let record = sibling.lfs, let digest = record.sha256,
          Self.isHexadecimal(digest, digits: 64), let size = record.size ?? sibling.size, size > 0
        else { return nil }
        return (
          sibling.rfilename,
          HubFile(path: sibling.rfilename, sizeBytes: size, sha256: digest.lowercased())
        )
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The files of the model that `reference` means, the first part first.
  func files(of reference: HubReference) throws(ModelsError) -> [HubFile] {
    guard let path = HubChoice.path(of: reference.choice, in: paths) else {
      throw missing(reference)
    }
    var found: [HubFile] = []
    for part in HubChoice.parts(of: path) {
      guard paths.contains(part) else {
        throw ModelsError(
          .unknownModel, at: reference.description,
          message: "the repository lacks \(part), a part of the model. Choose another file.")
      }
      guard let file = files[part] else {
        throw ModelsError(
          .downloadFailed, at: reference.description,
          message:
            "the hub states no SHA-256 of \(part), so that nobody could tell whether the right file came. "
            + "Choose another file, or download it yourself.")
      }
      found.append(file)
    }
    return found
  }

  private func missing(_ reference: HubReference) -> ModelsError {
    let models = paths.filter(HubChoice.isModel)
    guard !models.isEmpty else {
      return ModelsError(
        .unknownModel, at: reference.description,
        message: "the repository holds no GGUF file. Look for one whose name ends in GGUF.")
    }
    let names = Set(models.map { HubChoice.quantisation(of: $0) ?? $0 }).sorted()
    let shown = names.prefix(40).joined(separator: ", ") + (names.count > 40 ? " and more" : "")
    return ModelsError(
      .unknownModel, at: reference.description,
      message: "the repository has no such file. It has: \(shown).")
  }

  /// Whether the path stays where it is put.
  static func isSafe(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return path.utf8.count < 1000
      && parts.allSatisfy { part in
        !part.isEmpty && part != "." && part != ".." && part.utf8.count <= 255
          && part.utf8.allSatisfy { $0 >= 32 && $0 != 127 && $0 != UInt8(ascii: "\\") }
      }
  }

  static func isHexadecimal(_ text: String, digits: Int) -> Bool {
    text.utf8.count == digits && text.allSatisfy { $0.isASCII && $0.isHexDigit }
  }

  /// The part of the hub's answer that is read.
  private struct Answer: Decodable {
    struct Sibling: Decodable {
      struct Record: Decodable {
        var sha256: String?
        var size: Int?
      }
      var rfilename: String
      var size: Int?
      var lfs: Record?
    }
    var sha: String
    var siblings: [Sibling]
  }
}
