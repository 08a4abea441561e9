import Files
import Foundation
import Reports
import Subprocess

/// Fetches a model from the hub into the cache that programs for the hub share.
///
/// Contents come into a file named after their SHA-256 and get their place once that is theirs; what was cut is
/// gone on with. A lock keeps two pulls from fetching the same.
package struct HubPull: Sendable {
  /// What a pull brought.
  package struct Result: Hashable, Sendable {
    /// Where the model lies; the first part of one that is split.
    package var path: String
    /// Whether something was fetched; else all was there.
    package var outcome: ModelPull.Outcome

    /// A result of these values.
    package init(path: String, outcome: ModelPull.Outcome) {
      (self.path, self.outcome) = (path, outcome)
    }
  }

  /// What to fetch.
  let reference: HubReference
  let settings: HubSettings
  let hub: Hub

  private var cache: HubCache { HubCache(folder: settings.cacheFolder) }
  private var repository: HubCache.Repository { cache.repository(of: reference) }

  /// A pull of `reference`. `variables` are set over the program's own environment for `curl`.
  package init(
    _ reference: HubReference, settings: HubSettings, variables: [String: String] = [:],
    pace: PullPace = PullPace()
  ) {
    (self.reference, self.settings) = (reference, settings)
    let updates = variables.map { (Environment.Key(stringLiteral: $0.key), Optional($0.value)) }
    let environment = Environment.inherit.updating(Dictionary(uniqueKeysWithValues: updates))
    hub = Hub(
      settings: settings, web: Web(environment: environment, patience: pace.patience), pace: pace)
  }

  /// Fetches what is not there. Cancelling the task stops it.
  package func run(
    progress: @Sendable (PullProgress) -> Void = { _ in }
  ) async throws(ModelsError) -> Result {
    if settings.isOffline { return try offline() }
    do {
      progress(.asking(host: WebOrigin(settings.endpoint)?.name ?? ""))
      let listing = try await hub.listing(of: reference)
      let files = try listing.files(of: reference)
      let fetched = try await fetch(files, at: listing.commit, progress)
      try repository.setMain(listing.commit)
      return Result(
        path: repository.pointer(files[0].path, at: listing.commit),
        outcome: fetched ? .fetched : .alreadyThere)
    } catch {
      guard !Task.isCancelled, !(error is CancellationError) else { throw interrupted }
      throw HubFailure(error, reference: reference, settings: settings).error
    }
  }

  private func offline() throws(ModelsError) -> Result {
    guard let path = cache.path(of: reference) else {
      throw ModelsError(
        .offline, at: reference.description,
        message:
          "it is not here, and HF_HUB_OFFLINE forbids to fetch it. Unset HF_HUB_OFFLINE, or run 'fathom "
          + "list' to see what is here.")
    }
    return Result(path: path, outcome: .alreadyThere)
  }

  private var interrupted: ModelsError {
    ModelsError(
      .interrupted, at: reference.description,
      message: "stopped. What came is kept; 'fathom pull \(reference)' goes on with it.")
  }

  /// Fetches those of `files` that are not there, one after the other; false where all were.
  private func fetch(
    _ files: [HubFile], at commit: String, _ progress: @Sendable (PullProgress) -> Void
  ) async throws -> Bool {
    let repository = repository
    try repository.makeFolders()
    try checkRoom(for: files)
    let total = files.reduce(0) { $0 + $1.sizeBytes }
    var (done, isFetched) = (0, false)
    for file in files {
      let before = done
      let transfer = HubTransfer(
        file: file, repository: repository, hub: hub,
        url: hub.address(of: file, in: reference, at: commit))
      let hasCome = try await transfer.run { progress($0.moved(by: before, of: total)) }
      isFetched = isFetched || hasCome
      try repository.link(file, at: commit)
      done += file.sizeBytes
    }
    return isFetched
  }

  /// Throws where the disk has less room than is still to come.
  private func checkRoom(for files: [HubFile]) throws {
    let missing = Dictionary(files.map { ($0.sha256, $0) }) { first, _ in first }.values
      .reduce(0) { $0 + repository.missingBytes(of: $1) }
    guard let free = DiskSpace.free(at: repository.folder), missing > free else { return }
    throw ModelsError(
      .cannotWrite, at: settings.cacheFolder,
      message:
        "the disk has \(free.megabytes) left, and \(missing.megabytes) are to come. Free some space, or set "
        + "HF_HUB_CACHE to a folder on another disk.")
  }
}
