import Dials
import Files

/// A search that is kept step by step in a manifest: what was stopped goes on from there.
package struct SearchJob {
  /// The manifest with the steps so far.
  package private(set) var manifest: PruningManifest
  private let search: BlockSearch
  private let path: String

  /// A search that fills the manifest at `path`, whose steps it goes on from where they are of the same
  /// search. A file that somebody named (`isNamed`) is never overwritten by another search.
  package init(
    _ search: BlockSearch, manifest: PruningManifest, path: String, isNamed: Bool = false
  ) throws(PruningError) {
    self.search = search
    self.path = path
    self.manifest = manifest
    if let earlier = try Self.earlier(at: path, isNamed: isNamed, for: manifest) {
      self.manifest.steps = earlier.steps
    }
  }

  private static func earlier(
    at path: String, isNamed: Bool, for manifest: PruningManifest
  ) throws(PruningError) -> PruningManifest? {
    guard FileIdentity(path: path)?.kind == .file else { return nil }
    if !isNamed, (try? PruningManifest(path: path)) == nil { return nil }
    let earlier = try PruningManifest(path: path)
    if earlier.continues(manifest) { return earlier }
    guard isNamed else { return nil }
    throw PruningError(
      .otherModel, place: path,
      "this manifest comes from another search (model, method, text or seed). Give another file with "
        + "-o, or remove this one.")
  }

  /// Searches until `count` blocks are gone or `observe` stops it; every step is written down at once.
  package mutating func run(count: Int, observe: PruningObserver) throws {
    observe(.began(manifest))
    var kept = manifest
    let steps = try search.run(
      manifest.method, count: count, seed: manifest.seed, dense: manifest.denseLosses,
      from: manifest.steps,
      made: { step in
        kept.steps.append(step)
        try kept.write(to: path)
        observe(.made(kept))
      },
      progress: { progress in
        observe(.searching(progress))
        return observe.goesOn
      })
    observe(.ended)
    manifest.steps = steps
    try manifest.write(to: path)
  }
}
