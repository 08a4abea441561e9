import Foundation

/// The person's home folder: `HOME` where it is an absolute path, else what the system has on record.
package enum HomeFolder {
  /// Where it is.
  package static func path(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String {
    if let home = environment["HOME"], home.hasPrefix("/") { return home }
    return FileManager.default.homeDirectoryForCurrentUser.path
  }

  /// The path with `~` or `~name` at its begin put out, as shells do.
  package static func expand(
    _ path: String, environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String {
    guard path.hasPrefix("~") else { return path }
    let name = path.dropFirst().prefix { $0 != "/" }
    let rest = path.dropFirst(1 + name.count)
    if name.isEmpty { return self.path(environment: environment) + rest }
    guard let home = FileManager.default.homeDirectory(forUser: String(name)) else { return path }
    return home.path + rest
  }
}
