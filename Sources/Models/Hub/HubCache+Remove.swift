import Files
import Foundation

extension HubCache.Repository {
  /// What goes with a model.
  struct Removal {
    /// The links in snapshots.
    var links: [String] = []
    /// The contents that nothing else leads to, and what is left of unfinished ones.
    var blobs: [String] = []
    /// Whether something else leads to some of the contents.
    var keepsContents = false
  }

  /// What goes with the model whose files are `pointers`, which all states of the repository may have.
  func removal(of pointers: [String]) -> Removal {
    var removal = Removal()
    let all = allPointers
    for pointer in pointers {
      guard let name = contents(of: pointer) else {
        // The file system has no links, or somebody put a file there.
        removal.blobs.append(pointer)
        continue
      }
      // Other states of the repository have the same file at the same path.
      let path = pointer.dropFirst(snapshots.count + 1).drop { $0 != "/" }
      let twins = all.filter {
        contents(of: $0) == name && $0.dropFirst(snapshots.count + 1).drop { $0 != "/" } == path
      }
      removal.links += twins
      let others = all.filter { contents(of: $0) == name && !twins.contains($0) }
      if others.isEmpty {
        removal.blobs += ["\(blobs)/\(name)", "\(blobs)/\(name).incomplete"]
          .filter { FileIdentity(path: $0) != nil }
      } else {
        removal.keepsContents = true
      }
    }
    return removal
  }

  /// Removes folders of snapshots that hold nothing any more, what refers to them, and in the end the
  /// repository's own, if nothing is left in it.
  func removeEmptyFolders() {
    let manager = FileManager.default
    for commit in manager.names(in: snapshots) {
      let root = "\(snapshots)/\(commit)"
      for folder in (manager.subpaths(atPath: root) ?? []).sorted(by: >) {
        rmdir("\(root)/\(folder)")
      }
      guard rmdir(root) == 0 else { continue }
      for name in manager.subpaths(atPath: refs) ?? [] {
        let path = "\(refs)/\(name)"
        let target = (try? String(contentsOfFile: path, encoding: .utf8))?
          .trimmingCharacters(in: .whitespacesAndNewlines)
        if target == commit { unlink(path) }
      }
    }
    for folder in [snapshots, blobs, refs, folder] { rmdir(folder) }
  }

  /// All files of all states of the repository.
  private var allPointers: [String] {
    let manager = FileManager.default
    return manager.names(in: snapshots).flatMap { commit in
      (manager.subpaths(atPath: "\(snapshots)/\(commit)") ?? []).map { pointer($0, at: commit) }
    }
  }

  /// The name of the contents that a link leads to; nil for what is no link into the contents.
  private func contents(of pointer: String) -> String? {
    guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: pointer) else {
      return nil
    }
    let path = URL(filePath: target, relativeTo: URL(filePath: pointer).deletingLastPathComponent())
      .standardizedFileURL
    guard path.deletingLastPathComponent().path == URL(filePath: blobs).standardizedFileURL.path
    else { return nil }
    return path.lastPathComponent
  }
}
