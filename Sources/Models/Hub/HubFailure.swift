import Files
import Foundation

/// What went wrong with the hub, in words for the person.
struct HubFailure {
  private let failure: any Error
  private let reference: HubReference
  private let settings: HubSettings

  init(_ failure: any Error, reference: HubReference, settings: HubSettings) {
    (self.failure, self.reference, self.settings) = (failure, reference, settings)
  }

  private var host: String { WebOrigin(settings.endpoint)?.name ?? "\(settings.endpoint)" }
  private var page: String { "\(settings.endpoint.absoluteString)/\(reference.repository)" }
  private var keeps: String { "What came is kept, and 'fathom pull \(reference)' goes on with it." }

  /// What happened, where, and what to do.
  var error: ModelsError {
    switch failure {
    case let error as ModelsError: error
    case let error as WebError: said(error)
    case let error as RefusedRequest: said(error.head)
    case let error as FileError: said(error)
    default:
      ModelsError(
        .cannotWrite, at: settings.cacheFolder, message: "\(failure.systemReason). \(keeps)")
    }
  }

  private func said(_ error: WebError) -> ModelsError {
    switch error.code {
    case .noCurl:
      ModelsError(
        .noCurl, at: "curl",
        message:
          "\(error.reason), and models come from the hub with it. Install it (Debian: apt install curl), "
          + "or give a file of your own with -m.")
    case .unreachable:
      ModelsError(
        .noNetwork, at: host,
        message:
          "the hub cannot be reached (\(error.reason)). Check the network, the proxy and HF_ENDPOINT, and "
          + "try again.")
    case .cut:
      ModelsError(
        .downloadFailed, at: host,
        message: "the connection broke again and again (\(error.reason)). \(keeps)")
    case .insecure:
      ModelsError(
        .downloadFailed, at: host,
        message:
          "the connection is not safe: \(error.reason). Check the clock, the certificates and the proxy."
      )
    case .other:
      ModelsError(
        .downloadFailed, at: host, message: "\(error.reason). Try again, and check HF_ENDPOINT.")
    }
  }

  private func said(_ head: ResponseHead) -> ModelsError {
    let hubCode = head["x-error-code"]
    switch head.status {
    case 401, 403:
      return ModelsError(.noAccess, at: reference.repository, message: noAccess(hubCode))
    case 404 where hubCode == "RevisionNotFound" || hubCode == "EntryNotFound":
      return ModelsError(
        .downloadFailed, at: reference.repository,
        message: "the hub has no such file any more. Look at \(page), and pull again.")
    case 404:
      return ModelsError(
        .unknownModel, at: reference.repository,
        message:
          "there is no such repository at \(host). Check the name; \(page) shows it to people.")
    case 416:
      return ModelsError(
        .downloadFailed, at: host,
        message: "the hub refuses to send the file (416). Try again later.")
    case 429:
      return ModelsError(
        .downloadFailed, at: host,
        message:
          "the hub says that too much is asked of it (429). Wait some minutes, or set HF_TOKEN. "
          + keeps)
    case 500...:
      return ModelsError(
        .downloadFailed, at: host,
        message: "the hub has trouble of its own (\(head.status)). Try again later. \(keeps)")
    default:
      return ModelsError(
        .downloadFailed, at: host,
        message: "the hub answers with \(head.status). Check HF_ENDPOINT and the name.")
    }
  }

  private func noAccess(_ hubCode: String?) -> String {
    if hubCode == "GatedRepo" {
      let next = settings.token == nil ? "set HF_TOKEN to a token of yours" : "pull again"
      return "its makers ask to accept their terms first. Do so at \(page), then \(next)."
    }
    guard settings.token == nil else {
      return
        "the hub does not let this token see it: the name is wrong, or the repository is somebody's own. "
        + "Check the name at \(page), and the token in HF_TOKEN."
    }
    return
      "the hub does not show it to everybody: the name is wrong, or the repository is somebody's own. Check "
      + "the name at \(page), or set HF_TOKEN to a token that may see it."
  }

  private func said(_ error: FileError) -> ModelsError {
    switch error.code {
    case .full:
      ModelsError(
        .cannotWrite, at: settings.cacheFolder,
        message:
          "the disk is full. Free some space, or set HF_HUB_CACHE to a folder on another disk. \(keeps)"
      )
    case .denied, .place, .missing, .exists:
      ModelsError(
        .cannotCreate, at: error.path,
        message:
          "\(error.reason). Check the permissions of the hub's cache, or set HF_HUB_CACHE to another "
          + "folder.")
    default:
      ModelsError(.cannotWrite, at: error.path, message: "\(error.reason). \(keeps)")
    }
  }
}
