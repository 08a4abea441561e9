import Files
import Foundation
import Reports

/// One file on its way from the hub to its place among the contents of the cache.
struct HubTransfer {
  let file: HubFile
  let repository: HubCache.Repository
  let hub: Hub
  let url: URL

  /// Fetches the contents unless they are there; false where they were.
  func run(progress: (PullProgress) -> Void) async throws -> Bool {
    try await HubLock.holding(repository.lock(file)) {
      progress(.waiting)
    } _: {
      try await fetch(progress)
    }
  }

  private func fetch(_ progress: (PullProgress) -> Void) async throws -> Bool {
    if try isThere(progress) { return false }
    let leftovers = try UnfinishedBlob(file, path: repository.unfinished(file)) {
      progress(.checking(bytes: $0, of: file.sizeBytes))
    }
    var blob = try await fill(leftovers, progress)
    if !blob.isRight, leftovers.count > 0 {
      // What an earlier pull left may have been wrong.
      try blob.restart()
      blob = try await fill(blob, progress)
    }
    guard blob.isRight else {
      blob.remove()
      throw ModelsError(
        .damagedDownload, at: file.path,
        message:
          "what came has the SHA-256 \(blob.digest.hexadecimal), not \(file.sha256). It was thrown away. "
          + "Try again; if it stays so, the hub or a proxy on the way is broken.")
    }
    try blob.finish(as: repository.blob(file))
    return true
  }

  /// Whether the contents are there and are what they should be; those that are not are taken away.
  private func isThere(_ progress: (PullProgress) -> Void) throws -> Bool {
    let path = repository.blob(file)
    guard FileManager.default.fileExists(atPath: path) else { return false }
    let isRight = try FileDigest.matches(
      sizeBytes: file.sizeBytes, sha256: file.sha256, path: path
    ) { progress(.checking(bytes: $0, of: file.sizeBytes)) }
    if !isRight { try FileManager.default.removeItem(atPath: path) }
    return isRight
  }

  /// Fetches what `blob` lacks, over as many connections as it takes.
  private func fill(
    _ blob: UnfinishedBlob, _ progress: (PullProgress) -> Void
  ) async throws -> UnfinishedBlob {
    var state = State(blob: blob)
    var attempts = PullAttempts(hub.pace)
    while !state.blob.isWhole {
      let before = state.blob.count
      var request = Web.Request(url: url, token: hub.settings.token)
      if before > 0 { request.fields = ["Range: bytes=\(before)-"] }
      let failure: (any Error)?
      (state, failure) = await hub.web.get(request, into: state) { state, piece in
        try state.take(piece, of: file)
        if case .body = piece {
          progress(.fetching(bytes: state.blob.count, of: file.sizeBytes))
        }
      }
      if state.blob.isWhole { break }
      let refused = failure as? RefusedRequest
      if refused?.head.status == 416, before > 0, !state.isRestarted {
        try state.restart()
        continue
      }
      let cause = failure ?? state.shortness
      let gained = max(0, state.blob.count - before)
      guard let wait = attempts.wait(after: cause, progressBytes: gained) else { throw cause }
      progress(.retrying(after: wait))
      try await Task.sleep(for: wait)
    }
    return state.blob
  }

  /// What a connection leaves behind.
  private struct State {
    var blob: UnfinishedBlob
    var isRestarted = false

    mutating func restart() throws {
      try blob.restart()
      isRestarted = true
    }

    mutating func take(_ piece: Web.Piece, of file: HubFile) throws {
      switch piece {
      case .redirect(let head): try check(head, is: file)
      case .head(let head):
        try check(head, is: file)
        switch head.status {
        case 200:
          // The server sends all, wanted or not.
          if blob.count > 0 { try blob.restart() }
        case 206:
          guard head.rangeStart == blob.count else {
            throw WebError(.other, "the server sends another part of the file than was asked for")
          }
        default: throw RefusedRequest(head)
        }
      case .body(let bytes):
        let room = file.sizeBytes - blob.count
        try blob.add(UnsafeRawBufferPointer(rebasing: bytes.prefix(room)))
        if bytes.count > room { throw WebError(.other, "the server sends more than the file has") }
      }
    }

    /// Throws where the hub now speaks of other contents than it recorded.
    private func check(_ head: ResponseHead, is file: HubFile) throws {
      guard let tag = head.tag("x-linked-etag"), tag != file.sha256 else { return }
      throw ModelsError(
        .damagedDownload, at: file.path,
        message:
          "the hub has other contents here than it recorded (SHA-256 \(tag)). Pull again; if it stays so, "
          + "the hub or a proxy on the way is broken.")
    }

    /// The trouble where an answer ended well and early.
    var shortness: any Error { WebError(.cut, "after \(blob.count.grouped) bytes") }
  }
}

extension ResponseHead {
  /// The first byte of the part that the server sends: `bytes 5-9/10` is 5.
  fileprivate var rangeStart: Int? {
    self["content-range"].flatMap { value in
      let words = value.split(whereSeparator: { " -/".contains($0) })
      return words.count > 1 && words[0].lowercased() == "bytes" ? Int(words[1]) : nil
    }
  }
}
