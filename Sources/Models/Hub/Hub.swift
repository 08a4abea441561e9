import Foundation

/// The hub: what it says of a repository, and where its files are.
struct Hub: Sendable {
  let settings: HubSettings
  let web: Web
  let pace: PullPace

  /// What a repository holds now.
  func listing(of reference: HubReference) async throws -> HubListing {
    let place = "\(settings.endpoint.absoluteString)/\(reference.repository)"
    guard
      let url = URL(
        string:
          "\(settings.endpoint.absoluteString)/api/models/\(reference.repository)/revision/main?blobs=true"
      )
    else { throw ModelsError(.unknownModel, at: place, message: "this is no address.") }
    var attempts = PullAttempts(pace)
    while true {
      let (answer, failure) = await web.get(
        Web.Request(url: url, token: settings.token), into: Answer()
      ) { answer, piece in try answer.take(piece) }
      guard let failure else {
        return try HubListing(answer.body, place: place)
      }
      guard let wait = attempts.wait(after: failure, progressBytes: 0) else {
        throw HubFailure(failure, reference: reference, settings: settings).error
      }
      try await Task.sleep(for: wait)
    }
  }

  /// Where the hub hands out a file of a repository.
  func address(of file: HubFile, in reference: HubReference, at commit: String) -> URL {
    let base = settings.endpoint.appending(path: "\(reference.repository)/resolve/\(commit)")
    return file.path.split(separator: "/").reduce(base) { $0.appending(component: String($1)) }
  }

  /// An answer that is short enough for memory.
  private struct Answer {
    var body = Data()

    mutating func take(_ piece: Web.Piece) throws {
      switch piece {
      case .redirect: break
      case .head(let head):
        if head.status != 200 { throw RefusedRequest(head) }
      case .body(let bytes):
        guard body.count + bytes.count <= HubListing.byteLimit else {
          throw WebError(.other, "the answer is longer than any that is sound")
        }
        body.append(contentsOf: bytes)
      }
    }
  }
}

/// An answer whose number says that there is nothing to be had.
package struct RefusedRequest: Error {
  let head: ResponseHead

  /// Refused in these words.
  package init(_ head: ResponseHead) { self.head = head }

  /// Whether it may go better in a moment.
  var isPassing: Bool { head.status == 408 || head.status == 429 || head.status >= 500 }
  /// How long the server asks to wait.
  var wait: Duration? { head.number("retry-after").map { .seconds(max(0, $0)) } }
}
