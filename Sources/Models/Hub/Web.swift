import Foundation
import Subprocess

/// Asks servers of the web, by the program `curl`: it is there nearly everywhere, knows proxies and certificates,
/// and costs the program nothing while nobody pulls.
struct Web: Sendable {
  /// What is asked for.
  struct Request {
    var url: URL
    /// Lines of the request, as `Range: bytes=5-`.
    var fields: [String] = []
    /// What stands for the person; only `url`'s own origin gets it, whatever it refers to.
    var token: String?
  }

  /// What comes.
  enum Piece {
    /// The server says that it is elsewhere.
    case redirect(ResponseHead)
    /// The begin of the answer.
    case head(ResponseHead)
    /// A part of its body.
    case body(UnsafeRawBufferPointer)
  }

  /// The environment of `curl`, with the variables for proxies.
  var environment: Environment = .inherit
  /// Seconds without a byte after which a connection is taken for dead.
  var patience = 60

  private static let redirectLimit = 10
  private static let pageLimit = 1 << 20

  /// Asks, and hands what comes to `take`, which may throw to end it. Whatever happens, `state` is returned as
  /// `take` left it, with the failure if there was one.
  func get<State>(
    _ request: Request, into state: State, _ take: (inout State, Piece) throws -> Void
  ) async -> (State, (any Error)?) {
    var (state, request) = (state, request)
    let origin = WebOrigin(request.url)
    for _ in 0...Self.redirectLimit {
      var next: URL?
      var ignoredBytes = 0
      let failure: (any Error)?
      let isOwn = WebOrigin(request.url) == origin
      (state, failure) = await fetch(request, withToken: isOwn, into: state) { state, piece in
        if case .head(let head) = piece, let target = try Self.target(of: head, from: request.url) {
          next = target
          try take(&state, .redirect(head))
        } else if next == nil {
          try take(&state, piece)
        } else if case .body(let bytes) = piece {
          // A page for people says where it is.
          ignoredBytes += bytes.count
          if ignoredBytes > Self.pageLimit {
            throw WebError(.other, "the server sends elsewhere, and goes on without end")
          }
        }
      }
      guard failure == nil, let next else { return (state, failure) }
      request.url = next
    }
    return (state, WebError(.other, "the server sends from one address to the next without end"))
  }

  /// Where the server sends to; nil where it answers itself.
  private static func target(of head: ResponseHead, from url: URL) throws -> URL? {
    guard [301, 302, 303, 307, 308].contains(head.status) else { return nil }
    guard let text = head["location"], let target = URL(string: text, relativeTo: url)?.absoluteURL,
      let (from, to) = zip(WebOrigin(url), WebOrigin(target))
    else { throw WebError(.other, "the server sends to an address that is none") }
    guard to.isEncrypted || !from.isEncrypted else {
      throw WebError(.insecure, "the server sends to \(to.name) without encryption")
    }
    return target
  }

  private func fetch<State>(
    _ request: Request, withToken: Bool, into state: State,
    _ take: (inout State, Piece) throws -> Void
  ) async -> (State, (any Error)?) {
    var state = state
    var failure: (any Error)?
    do {
      let result = try await Subprocess.run(
        // Without -q a file in the home folder could change what is asked.
        .name("curl"), arguments: ["-q", "--config", "-"], environment: environment,
        platformOptions: ModelPull.gentle, input: .string(settings(request, withToken)),
        output: .sequence, error: .string(limit: 1 << 16)
      ) { execution in
        var reader = ResponseReader()
        for try await piece in execution.standardOutput {
          try Task.checkCancellation()
          let isBegin = reader.head == nil
          guard let body = reader.body(of: piece.withUnsafeBytes { Array($0) }) else {
            throw WebError(.other, "what answers is no server of the web")
          }
          do {
            if isBegin, let head = reader.head { try take(&state, .head(head)) }
            if !body.isEmpty { try body.withUnsafeBytes { try take(&state, .body($0)) } }
          } catch {
            failure = error
            throw error
          }
        }
        return reader.head != nil
      }
      if case .exited(let code) = result.terminationStatus, code != 0 {
        failure = WebError(curlCode: Int(code), words: result.standardError)
      } else if !result.terminationStatus.isSuccess || !result.closureResult {
        failure = WebError(.cut, "the connection ended without an answer")
      }
    } catch let error as SubprocessError where error.code == .executableNotFound {
      failure = WebError(.noCurl, "there is no curl on the PATH")
    } catch {
      failure = failure ?? error
    }
    return (state, Task.isCancelled ? CancellationError() : failure)
  }

  /// What `curl` reads from its standard input, where no other program sees the token.
  private func settings(_ request: Request, _ withToken: Bool) -> String {
    var lines = [
      "silent", "show-error", "include", "suppress-connect-headers", "globoff",
      "proto = \"=http,https\"", "user-agent = \"fathom\"", "connect-timeout = 20",
      "speed-limit = 1", "speed-time = \(patience)",
      "url = \(Self.quoted(request.url.absoluteString))",
    ]
    lines += request.fields.map { "header = \(Self.quoted($0))" }
    if withToken, let token = request.token {
      lines.append("header = \(Self.quoted("Authorization: Bearer \(token)"))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func quoted(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return "\"\(escaped.filter { !$0.isNewline })\""
  }
}

/// Both, if both are there.
private func zip<First, Second>(_ first: First?, _ second: Second?) -> (First, Second)? {
  guard let first, let second else { return nil }
  return (first, second)
}
