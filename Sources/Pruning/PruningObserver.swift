/// Who watches a search or a study of the methods, and may stop it.
package struct PruningObserver {
  /// What happens in a search or a study.
  package enum Event {
    /// A search begins, or goes on from the manifest's steps.
    case began(PruningManifest)
    /// Where the running step stands.
    case searching(SearchProgress)
    /// The last step of the manifest was made and is kept.
    case made(PruningManifest)
    /// A method reads the calibration text.
    case reading(PruningMethod)
    /// So many windows of all were read without each of so many sets of blocks.
    case windows(Int, of: Int, sets: Int)
    /// A turn of the speeds begins, from 1.
    case speeds(turn: Int, of: Int)
    /// What was going on is over.
    case ended
  }

  private let show: (Event) -> Void
  private let isWanted: () -> Bool

  /// An observer; the work stops soon after `isWanted` says no.
  package init(isWanted: @escaping () -> Bool = { true }, show: @escaping (Event) -> Void) {
    self.isWanted = isWanted
    self.show = show
  }

  /// An observer that lets the work be.
  package init() { self.init { _ in } }

  /// Whether the work is to go on.
  var goesOn: Bool { isWanted() }

  /// Hears of an event.
  func callAsFunction(_ event: Event) { show(event) }

  /// Throws a `CancellationError` where the work is to stop.
  func checkStop() throws {
    guard !isWanted() else { return }
    show(.ended)
    throw CancellationError()
  }
}
