/// A file as it was read: mapped, and with its head.
struct ReadFile {
  let path: String
  let bytes: MappedBytes
  let head: FileHead

  /// Maps the file at `path` and reads its head; it is number `part` of those that hold the model.
  init(path: String, part: Int = 0) throws(GGUFError) {
    try self.init(MappedBytes(path: path), path: path, part: part)
  }

  init(_ bytes: MappedBytes, path: String, part: Int = 0) throws(GGUFError) {
    (self.path, self.bytes) = (path, bytes)
    head = try FileHead(bytes, path: path, part: part)
  }

  /// How many files hold the model; 1 where it says nothing of others.
  fileprivate var splitCount: Int { max(1, head.metadata["split.count"]?.int ?? 1) }

  /// Which of the files this is, from 1, where it says so.
  fileprivate var splitNumber: Int? {
    head.metadata["split.no"]?.int.flatMap { (0..<Int.max).contains($0) ? $0 + 1 : nil }
  }

  fileprivate func failure(
    _ code: GGUFError.Code, _ name: String? = nil, _ message: String
  )
    -> GGUFError
  {
    GGUFError(code, path: path, name: name, message: message)
  }
}

/// The files that hold a model together, as `llama-gguf-split` makes them: the first has the metadata, each some
/// of the tensors.
struct SplitFiles {
  /// All of them, in order.
  private(set) var files: [ReadFile]
  /// How many tensors they have together, where the first file says so.
  private let tensorCount: Int?
  private let count: Int

  /// Opens the files that lie beside the `first`, where it says that there are some. Each has to be there and
  /// to belong to the others.
  init(_ first: ReadFile) throws(GGUFError) {
    (files, count) = ([first], first.splitCount)
    tensorCount = first.head.metadata["split.tensors.count"]?.int
    guard count > 1 else { return }
    let name = SplitName(first.path)
    if first.splitNumber != 1 { throw Self.notFirst(first, name: name, count: count) }
    guard let name, name.count == count, name.number == 1 else {
      throw first.failure(
        .partOfModel, "split.count",
        "the file is part 1 of a model that is split over \(count) files, and the others are not found by its "
          + "name. Name them as they were, NAME-00001-of-\(Self.padded(count)).gguf and so on.")
    }
    for number in 2...count {
      do throws(GGUFError) {
        files.append(try ReadFile(path: name.path(number), part: number - 1))
      } catch  where error.code == .missingFile {
        throw GGUFError(
          .missingFile, path: name.path(number),
          message: "part \(number) of \(count) of the model is missing. Download it to this folder."
        )
      }
      try check(files[number - 1], number: number)
    }
    try checkTensors()
  }

  /// The metadata of the model: the first file's, without what it says about files.
  var metadata: Metadata { files[0].head.metadata.filter { !$0.key.hasPrefix("split.") } }

  /// Throws where `file` is not number `number` of these.
  private func check(_ file: ReadFile, number: Int) throws(GGUFError) {
    let (mine, first) = (file.head.metadata, files[0].head.metadata)
    guard file.splitCount == count, file.splitNumber == number,
      mine["split.tensors.count"]?.int == tensorCount
    else {
      throw file.failure(
        .partOfModel, "split.no",
        "this should be part \(number) of \(count), and says that it is "
          + "\(file.splitNumber.map { "part \($0) of \(file.splitCount)" } ?? "no part"). "
          + Self.download)
    }
    let others = mine.keys.sorted().first { key in
      !key.hasPrefix("split.") && first[key].map { $0 != mine[key] } == true
    }
    if let others {
      throw file.failure(
        .partOfModel, others,
        "this is part \(number) of another model than the first file. \(Self.download)")
    }
  }

  /// Throws where the files have other tensors than the first says, or one twice.
  private func checkTensors() throws(GGUFError) {
    var seen: Set<String> = []
    for file in files {
      for tensor in file.head.tensors where !seen.insert(tensor.name).inserted {
        throw file.failure(
          .duplicateName, tensor.name,
          "an earlier part has this tensor too, so the parts are of different models. \(Self.download)"
        )
      }
    }
    if let tensorCount, tensorCount != seen.count {
      throw files[0].failure(
        .partOfModel, "split.tensors.count",
        "the parts have \(seen.count) tensors together, not \(tensorCount). \(Self.download)")
    }
  }

  private static func notFirst(_ file: ReadFile, name: SplitName?, count: Int) -> GGUFError {
    let number = file.splitNumber.map { " \($0)" } ?? ""
    let first = name.flatMap { $0.count == count ? " Give the first: \($0.path(1))" : nil }
    return file.failure(
      .partOfModel, "split.no",
      "the file is part\(number) of a model that is split over \(count) files."
        + (first ?? " Give the first of them."))
  }

  private static func padded(_ count: Int) -> String {
    String(String(100_000 + min(count, 99_999)).dropFirst())
  }

  private static let download = "Download the parts again, all from one place."
}
