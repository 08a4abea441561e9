import GGUF
import TestSupport
import Testing

/// The error that opening these bytes gives.
private func refusal(of bytes: [UInt8]) -> GGUFError? {
  do {
    _ = try GGUFFile(bytes: bytes)
    return nil
  } catch {
    return error
  }
}

private func refusal(of file: HandmadeFile) -> GGUFError? { refusal(of: file.bytes) }

/// A sound file with a bit of everything.
private let sound = HandmadeFile(
  entries: [
    entry("general.architecture", type: 8, text("llama")),
    entry("llama.block_count", type: 4, number(UInt32(2))),
    entry("truth", type: 7, [1]),
    entry(
      "tokens", type: 9, number(UInt32(8)) + number(UInt64(3)) + text("a") + text("") + text("né")),
    entry(
      "nested", type: 9,
      number(UInt32(9)) + number(UInt64(1)) + number(UInt32(5)) + number(UInt64(2))
        + number(Int32(-1)) + number(Int32(7))),
  ],
  tensors: [
    tensor("first", [4, 2], type: 0, offset: 0), tensor("second", [32], type: 8, offset: 32),
  ],
  data: [UInt8](repeating: 60, count: 32 + 34))

@Suite struct DamagedFileTests {
  @Test func `a file put together by hand is read`() throws {
    let file = try GGUFFile(bytes: sound.bytes)
    #expect(file.version == 3)
    #expect(file.alignment == 32)
    #expect(file.metadata["general.architecture"]?.string == "llama")
    #expect(file.metadata["llama.block_count"]?.int == 2)
    #expect(file.metadata["truth"]?.bool == true)
    #expect(file.metadata["tokens"]?.array?.compactMap(\.string) == ["a", "", "né"])
    #expect(file.metadata["nested"]?.array?.first?.array?.compactMap(\.int) == [-1, 7])
    #expect(file.tensors.map(\.name) == ["first", "second"])
    let second = try #require(file.tensor(named: "second"))
    #expect(second.type == .q8_0)
    #expect(second.offset + 34 == file.sizeBytes)
    #expect(second.rowLength == 32)
    #expect(second.rowCount == 1)
    #expect(try #require(file.tensor(named: "first")).rowCount == 2)
    #expect(file.tensor(named: "third") == nil)
  }

  @Test func `a part of a model that is split over files is called one`() throws {
    for (key, type) in [(UInt16(0), UInt32(2)), (UInt16(1), UInt32(2))] {
      var part = sound
      part.entries += [
        entry("split.no", type: type, number(key)),
        entry("split.count", type: type, number(UInt16(3))),
      ]
      let error = refusal(of: part)
      #expect(error?.code == .partOfModel)
      #expect(error?.message.contains("part \(key + 1) of a model that is split over 3") == true)
    }
    var whole = sound
    whole.entries.append(entry("split.count", type: 2, number(UInt16(1))))
    #expect(refusal(of: whole) == nil)
  }

  @Test func `version 2 reads as version 3 does`() throws {
    var old = sound
    old.version = 2
    let file = try GGUFFile(bytes: old.bytes)
    #expect(file.version == 2)
    #expect(file.metadata == (try GGUFFile(bytes: sound.bytes)).metadata)
  }

  @Test func `a file cut at any byte is refused at a byte that it has`() throws {
    let bytes = sound.bytes
    for count in bytes.indices {
      let error = try #require(refusal(of: Array(bytes[..<count])), "cut at \(count)")
      #expect(error.code == .truncated, "cut at \(count)")
      #expect(try #require(error.offset) <= count, "cut at \(count)")
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `flipped bits are read or refused and never trap`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var read = 0
    for _ in 0..<500 {
      var bytes = sound.bytes
      for _ in 0...Int.random(in: 0..<4, using: &generator) {
        let place = Int.random(in: bytes.indices, using: &generator)
        bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      }
      guard let file = try? GGUFFile(bytes: bytes) else { continue }
      for tensor in file.tensors {
        #expect(file.dequantize(tensor).count == tensor.elementCount)
      }
      read += 1
    }
    #expect((10...490).contains(read))
  }

  @Test func `counts of two to the 63 are refused before anything is allocated`() {
    let huge: UInt64 = 1 << 63
    var tensors = sound
    tensors.tensorCount = huge
    #expect(refusal(of: tensors)?.code == .absurdLength)
    #expect(refusal(of: tensors)?.offset == 8)
    var entries = sound
    entries.entryCount = huge
    #expect(refusal(of: entries)?.code == .absurdLength)
    #expect(refusal(of: entries)?.offset == 16)
    let key = HandmadeFile(entries: [number(huge) + text("key")])
    #expect(refusal(of: key)?.code == .absurdLength)
    #expect(refusal(of: key)?.offset == 24)
    let value = HandmadeFile(entries: [entry("key", type: 8, number(huge))])
    #expect(refusal(of: value)?.code == .absurdLength)
    #expect(refusal(of: value)?.name == "key")
    let list = HandmadeFile(entries: [entry("key", type: 9, number(UInt32(0)) + number(huge))])
    #expect(refusal(of: list)?.code == .absurdLength)
    let extent = HandmadeFile(tensors: [tensor("t", [huge], type: 0, offset: 0)])
    #expect(refusal(of: extent)?.code == .absurdLength)
    let product = HandmadeFile(
      tensors: [tensor("t", [1 << 32, 1 << 32], type: 0, offset: 0)], data: [0])
    #expect(refusal(of: product)?.code == .absurdLength)
    let size = HandmadeFile(tensors: [tensor("t", [1 << 62], type: 0, offset: 0)], data: [0])
    #expect(refusal(of: size)?.code == .absurdLength)
    let offset = HandmadeFile(
      tensors: [tensor("t", [1], type: 0, offset: huge)], data: [0, 0, 0, 0])
    #expect(refusal(of: offset)?.code == .truncated)
  }

  @Test func `a count within the cap and beyond the file is refused`() {
    var tensors = sound
    tensors.tensorCount = 60000
    #expect(refusal(of: tensors)?.code == .truncated)
    let list = HandmadeFile(
      entries: [entry("key", type: 9, number(UInt32(8)) + number(UInt64(1 << 20)))])
    #expect(refusal(of: list)?.code == .truncated)
  }

  @Test func `lists nested without end are refused`() {
    let level = number(UInt32(9)) + number(UInt64(1))
    let nested = [[UInt8]](repeating: level, count: 5000).flatMap(\.self)
    let file = HandmadeFile(entries: [entry("key", type: 9, nested)])
    #expect(refusal(of: file)?.code == .absurdLength)
  }

  @Test func `another magic number, version or byte order is named`() {
    var file = sound
    file.magic = Array("GGML".utf8)
    #expect(refusal(of: file)?.code == .notGGUF)
    file = sound
    for version: UInt32 in [0, 1, 4] {
      file.version = version
      #expect(refusal(of: file)?.code == .unsupportedVersion)
      #expect(refusal(of: file)?.offset == 4)
    }
    file.version = UInt32(3).byteSwapped
    #expect(refusal(of: file)?.message.contains("big-endian") == true)
  }

  @Test func `wrong types and values are refused by key`() {
    func code(_ type: UInt32, _ value: [UInt8], key: String = "key") -> GGUFError.Code? {
      refusal(of: HandmadeFile(entries: [entry(key, type: type, value)]))?.code
    }
    #expect(code(13, [0]) == .badValue)
    #expect(code(7, [2]) == .badValue)
    #expect(code(9, number(UInt32(99)) + number(UInt64(0))) == .badValue)
    #expect(code(4, number(UInt32(12)), key: "general.alignment") == .badValue)
    #expect(code(4, number(UInt32(0)), key: "general.alignment") == .badValue)
    #expect(code(8, text("32"), key: "general.alignment") == .badValue)
    #expect(code(4, number(UInt32(64)), key: "general.alignment") == nil)
  }

  @Test func `names that are there twice are refused`() {
    let truth = entry("truth", type: 7, [1])
    let keys = HandmadeFile(entries: [truth, truth])
    #expect(refusal(of: keys)?.code == .duplicateName)
    #expect(refusal(of: keys)?.name == "truth")
    let tensors = HandmadeFile(
      tensors: [tensor("t", [1], type: 0, offset: 0), tensor("t", [1], type: 0, offset: 32)],
      data: [UInt8](repeating: 0, count: 64))
    #expect(refusal(of: tensors)?.code == .duplicateName)
  }

  @Test func `tensors that are misaligned, overlap or do not fit are refused by name`() {
    func error(_ tensors: [UInt8]..., bytes: Int = 256) -> GGUFError? {
      refusal(of: HandmadeFile(tensors: tensors, data: [UInt8](repeating: 0, count: bytes)))
    }
    #expect(error(tensor("t", [1], type: 0, offset: 4))?.code == .misaligned)
    let overlap = error(
      tensor("a", [16], type: 0, offset: 0), tensor("b", [16], type: 0, offset: 32))
    #expect(overlap?.code == .overlap)
    #expect(overlap?.name == "b")
    #expect(error(tensor("t", [65], type: 0, offset: 0))?.code == .truncated)
    #expect(error(tensor("t", [64], type: 0, offset: 0)) == nil)
    #expect(error(tensor("t", [48], type: 2, offset: 0))?.code == .badValue)
    #expect(error(tensor("t", [0], type: 0, offset: 0))?.code == .absurdLength)
    #expect(error(tensor("t", [], type: 0, offset: 0))?.code == .badValue)
    #expect(error(tensor("t", [1, 1, 1, 1, 1], type: 0, offset: 0))?.code == .badValue)
  }

  @Test func `an unsupported tensor type is named with its number`() {
    let file = HandmadeFile(
      tensors: [tensor("blk.0.attn_q.weight", [256], type: 16, offset: 0)],
      data: [UInt8](repeating: 0, count: 66))
    let error = refusal(of: file)
    #expect(error?.code == .unknownTensorType)
    #expect(error?.name == "blk.0.attn_q.weight")
    #expect(error?.message.contains("16 (IQ2_XXS)") == true)
  }

  @Test func `an error reads as file, byte, name and remedy`() {
    let file = HandmadeFile(entries: [entry("key", type: 7, [9])])
    #expect(
      refusal(of: file)?.description
        == "memory: at byte 39: 'key': a truth value is 0 or 1, here it is 9. "
        + "The file is damaged or not a GGUF; download it again.")
  }
}
