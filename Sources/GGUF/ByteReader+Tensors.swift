extension ByteReader {
  /// The tensor directory of `count` entries, and with it the end of the head. Each tensor is checked
  /// against the file: shape, type, alignment, bounds, and that no two share bytes.
  mutating func tensors(count: Int, alignment: Int) throws(GGUFError) -> [TensorInfo] {
    var entries: [Entry] = []
    var names: Set<String> = []
    for index in 0..<count {
      let entry = try entry(index)
      guard names.insert(entry.name).inserted else {
        throw failure(
          .duplicateName, at: entry.place, name: entry.name,
          "this tensor name is there twice. \(GGUFError.damaged)")
      }
      entries.append(entry)
    }
    let dataStart = (offset + alignment - 1) & ~(alignment - 1)
    var tensors: [TensorInfo] = []
    tensors.reserveCapacity(count)
    for entry in entries {
      tensors.append(try placed(entry, dataStart: dataStart, alignment: alignment))
    }
    try refuseOverlap(tensors)
    return tensors
  }

  /// An entry as the file states it.
  private struct Entry {
    var place: Int
    var name: String
    var shape: [Int]
    var elementCount: Int
    var byteCount: Int
    var type: TensorType
    var offsetPlace: Int
    var offset: UInt64
  }

  private mutating func entry(_ index: Int) throws(GGUFError) -> Entry {
    let place = offset
    let name = try text(of: "tensor name \(index)", cap: Limits.nameBytes)
    let (shape, elements) = try shape(of: name)
    let typePlace = offset
    let type = try tensorType(of: name)
    guard shape[0] % type.blockSize == 0 else {
      throw failure(
        .badValue, at: typePlace, name: name,
        "a row of \(shape[0]) is no whole number of \(type.name) blocks of \(type.blockSize). "
          + GGUFError.damaged)
    }
    let (bytes, overflow) = (elements / type.blockSize)
      .multipliedReportingOverflow(by: type.blockBytes)
    guard !overflow else {
      throw failure(
        .absurdLength, at: typePlace, name: name,
        "the tensor's bytes cannot be counted. \(GGUFError.damaged)")
    }
    let offsetPlace = offset
    let relative = try integer(UInt64.self, of: "a tensor's offset")
    return Entry(
      place: place, name: name, shape: shape, elementCount: elements, byteCount: bytes, type: type,
      offsetPlace: offsetPlace, offset: relative)
  }

  private mutating func shape(of name: String) throws(GGUFError) -> ([Int], Int) {
    let place = offset
    let dimensions = try integer(UInt32.self, of: "a tensor's dimensions")
    guard (1...4).contains(dimensions) else {
      throw failure(
        .badValue, at: place, name: name,
        "a tensor has 1 to 4 dimensions, here it is \(dimensions). \(GGUFError.damaged)")
    }
    var shape: [Int] = []
    var product = 1
    for _ in 0..<dimensions {
      let extentPlace = offset
      let extent = try integer(UInt64.self, of: "a tensor's shape")
      let (next, overflow) = product.multipliedReportingOverflow(by: Int(clamping: extent))
      guard extent > 0, extent <= UInt64(Int.max), !overflow else {
        throw failure(
          .absurdLength, at: extentPlace, name: name,
          "an extent of \(extent) makes no tensor. \(GGUFError.damaged)")
      }
      shape.append(Int(extent))
      product = next
    }
    return (shape, product)
  }

  private mutating func tensorType(of name: String) throws(GGUFError) -> TensorType {
    let place = offset
    let number = try integer(UInt32.self, of: "a tensor's type")
    guard let type = TensorType(rawValue: number) else {
      let known = TensorType.unsupportedNames[number].map { " (\($0))" } ?? ""
      let names = TensorType.allCases.map(\.name).joined(separator: ", ")
      throw failure(
        .unknownTensorType, at: place, name: name,
        "tensor type \(number)\(known) is not supported. Use a file with \(names).")
    }
    return type
  }

  private func placed(
    _ entry: Entry, dataStart: Int, alignment: Int
  ) throws(GGUFError) -> TensorInfo {
    guard entry.offset % UInt64(alignment) == 0 else {
      throw failure(
        .misaligned, at: entry.offsetPlace, name: entry.name,
        "the tensor's offset \(entry.offset) is no multiple of \(alignment). \(GGUFError.damaged)")
    }
    let room = bytes.count - dataStart
    guard room >= 0, entry.offset <= UInt64(room), entry.byteCount <= room - Int(entry.offset)
    else {
      throw failure(
        .truncated, at: entry.offsetPlace, name: entry.name,
        "the tensor's \(entry.byteCount) bytes reach beyond the end of the file. "
          + "The download is incomplete or the file is damaged; download it again.")
    }
    return TensorInfo(
      name: entry.name, shape: entry.shape, type: entry.type, part: part,
      offset: dataStart + Int(entry.offset), byteCount: entry.byteCount,
      elementCount: entry.elementCount)
  }

  private func refuseOverlap(_ tensors: [TensorInfo]) throws(GGUFError) {
    let ordered = tensors.sorted { $0.offset < $1.offset }
    for (before, after) in zip(ordered, ordered.dropFirst())
    where after.offset < before.offset + before.byteCount {
      throw failure(
        .overlap, at: after.offset, name: after.name,
        "the tensor shares bytes with '\(before.name)'. \(GGUFError.damaged)")
    }
  }
}
