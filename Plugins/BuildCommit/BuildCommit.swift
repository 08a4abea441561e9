import Foundation
import PackagePlugin

/// Asks git for the commit and hands it to the target as a Swift file, which is only written where it
/// says something else than before.
///
/// Git is asked again when a source or the commit itself changed. A prebuild command would not do: it only
/// runs when the package's structure changed.
@main
struct BuildCommit: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let package = context.package.directoryURL
    let script = package.appending(path: "scripts/build_commit.sh")
    let folder = context.pluginWorkDirectoryURL
    let environment = ProcessInfo.processInfo.environment
    return [
      .buildCommand(
        displayName: "Asking git for the commit",
        executable: URL(filePath: "/bin/sh"),
        arguments: [script.path, package.path, folder.path],
        // Git may lie anywhere on the path, and reads what this person has set.
        environment: environment.filter { ["PATH", "HOME"].contains($0.key) },
        inputFiles: [script] + sources(of: package) + [journal(of: package)].compactMap { $0 },
        outputFiles: [folder.appending(path: "Fathom+Commit.swift")])
    ]
  }

  /// What the program is built from, as the script has it.
  private func sources(of package: URL) -> [URL] {
    let folders = ["Plugins", "Sources", "themes"].map { package.appending(path: $0) }
    let files = folders.flatMap { folder in
      let found = FileManager.default.enumerator(
        at: folder, includingPropertiesForKeys: [.isRegularFileKey])
      return (found?.allObjects ?? []).compactMap { $0 as? URL }.filter {
        (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true
      }
    }
    return [package.appending(path: "Package.swift")] + files.sorted { $0.path < $1.path }
  }

  /// Git's own journal of where HEAD was, which every commit and every checkout makes longer; nil where there
  /// is none.
  private func journal(of package: URL) -> URL? {
    var folder = package.appending(path: ".git")
    // In a worktree it is a file that says where the folder is.
    if let text = try? String(contentsOf: folder, encoding: .utf8), text.hasPrefix("gitdir: ") {
      let path = text.dropFirst("gitdir: ".count).trimmingCharacters(in: .whitespacesAndNewlines)
      folder = URL(filePath: path, relativeTo: package).absoluteURL
    }
    let journal = folder.appending(path: "logs/HEAD")
    return FileManager.default.fileExists(atPath: journal.path) ? journal : nil
  }
}
