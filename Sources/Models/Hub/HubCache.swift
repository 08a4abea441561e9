import Foundation
import GGUF

/// The folder in which all programs for the hub keep what they fetched, in the layout that the hub documents:
///
///     models--owner--name/blobs/SHA256              the contents
///     models--owner--name/snapshots/COMMIT/FILE     links to contents, as the repository was then
///     models--owner--name/refs/main                 the newest commit
///     .locks/models--owner--name/SHA256.lock        held while the contents come
package struct HubCache: Hashable, Sendable {
  /// The folder, which need not exist.
  package let folder: String

  /// The cache in `folder`.
  package init(folder: String) { self.folder = folder }

  /// A repository's part of the cache.
  package struct Repository: Hashable, Sendable {
    let cache: String
    let owner: String
    let name: String

    private static let prefix = "models--"

    var folderName: String { "\(Self.prefix)\(owner)--\(name)" }
    var folder: String { "\(cache)/\(folderName)" }
    var blobs: String { folder + "/blobs" }
    var snapshots: String { folder + "/snapshots" }
    var refs: String { folder + "/refs" }
    var locks: String { "\(cache)/.locks/\(folderName)" }

    init(cache: String, owner: String, name: String) {
      (self.cache, self.owner, self.name) = (cache, owner, name)
    }

    /// The repository whose folder has this name; nil where it is no folder of a model.
    fileprivate init?(cache: String, folderName: String) {
      guard folderName.hasPrefix(Self.prefix),
        let mark = folderName.dropFirst(Self.prefix.count).firstRange(of: "--")
      else { return nil }
      let owner = folderName[..<mark.lowerBound].dropFirst(Self.prefix.count)
      let name = folderName[mark.upperBound...]
      guard HubReference.isName(owner), HubReference.isName(name) else { return nil }
      self.init(cache: cache, owner: String(owner), name: String(name))
    }
  }

  /// The repository that a name means, there or not.
  func repository(of reference: HubReference) -> Repository {
    Repository(cache: folder, owner: reference.owner, name: reference.name)
  }

  /// The repositories that are there.
  var repositories: [Repository] {
    FileManager.default.names(in: folder).sorted().compactMap {
      Repository(cache: folder, folderName: $0)
    }
  }

  /// The path of the model that `reference` means, if it is there with all its parts.
  package func path(of reference: HubReference) -> String? {
    let repository = repository(of: reference)
    return repository.commits.lazy.compactMap { commit in
      HubChoice.path(of: reference.choice, in: repository.models(at: commit))
        .map { repository.pointer($0, at: commit) }
    }.first
  }

  /// Every model that is there, by the name that finds it, and its path.
  var models: [(name: String, path: String)] {
    repositories.flatMap { repository in
      var seen: Set<String> = []
      return repository.commits.flatMap { commit in
        repository.models(at: commit).compactMap { path -> (name: String, path: String)? in
          guard seen.insert(path).inserted else { return nil }
          let pointer = repository.pointer(path, at: commit)
          return (name(of: path, in: repository, at: pointer), pointer)
        }
      }
    }
  }

  /// The shortest name that finds the file: a short name, the quantisation, or the path.
  private func name(of path: String, in repository: Repository, at pointer: String) -> String {
    func reference(_ choice: HubReference.Choice) -> HubReference {
      HubReference(owner: repository.owner, name: repository.name, choice: choice)
    }
    let short = ShortName.all.first {
      $0.reference.repository == "\(repository.owner)/\(repository.name)"
        && self.path(of: $0.reference) == pointer
    }
    if let short { return short.name }
    if let quantisation = HubChoice.quantisation(of: path) {
      let reference = reference(.quantisation(quantisation))
      if self.path(of: reference) == pointer { return reference.description }
    }
    return reference(.file(path)).description
  }
}

extension HubCache.Repository {
  /// The states of the repository that are there: the newest one first, then by time.
  var commits: [String] {
    let main = (try? String(contentsOfFile: refs + "/main", encoding: .utf8))?
      .trimmingCharacters(in: .whitespacesAndNewlines)
    func age(_ commit: String) -> Date {
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(snapshots)/\(commit)")
      return attributes?[.modificationDate] as? Date ?? .distantPast
    }
    return FileManager.default.names(in: snapshots).filter(HubReference.isName)
      .map { ($0, $0 == main ? Date.distantFuture : age($0)) }
      .sorted { ($0.1, $0.0) > ($1.1, $1.0) }.map(\.0)
  }

  /// Where the file at `path` of the repository lies, or would lie.
  func pointer(_ path: String, at commit: String) -> String { "\(snapshots)/\(commit)/\(path)" }

  /// The paths, in the repository, of all models that are whole at a commit.
  func models(at commit: String) -> [String] {
    let root = "\(snapshots)/\(commit)"
    let paths = (try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []
    func isThere(_ path: String) -> Bool {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isFolder)
        && !isFolder.boolValue
    }
    return paths.sorted().filter {
      HubChoice.isModel($0) && HubChoice.parts(of: $0).allSatisfy(isThere)
    }
  }
}

extension FileManager {
  /// The names of what is in a folder; none where there is no such folder.
  func names(in folder: String) -> [String] { (try? contentsOfDirectory(atPath: folder)) ?? [] }
}
