import Files
import Foundation
import GGUF
import TestSupport
import Testing

/// Random metadata: every case, nested lists, extreme numbers.
private func randomValue(_ generator: inout SeededGenerator, depth: Int = 0) -> MetadataValue {
  switch Int.random(in: 0..<(depth < 2 ? 6 : 5), using: &generator) {
  case 0:
    .integer(Int64(bitPattern: generator.next()) >> Int64.random(in: 0..<64, using: &generator))
  case 1: .unsigned(generator.next() >> UInt64.random(in: 0..<64, using: &generator))
  case 2:
    .float(
      Bool.random(using: &generator)
        ? Double(generator.nextNormal()) : .random(in: -9...9, using: &generator))
  case 3: .bool(.random(using: &generator))
  case 4:
    .string(
      String(
        (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
          "aé\u{0}漢🙂 \n".randomElement(using: &generator) ?? " "
        }))
  default:
    .array(randomList(&generator, depth: depth + 1))
  }
}

/// A list whose elements are of one case, as the format demands.
private func randomList(_ generator: inout SeededGenerator, depth: Int) -> [MetadataValue] {
  let count = Int.random(in: 0..<5, using: &generator)
  var values: [MetadataValue] = []
  while values.count < count {
    let value = randomValue(&generator, depth: depth)
    let fits =
      switch (values.first, value) {
      case (nil, _), (.integer, .integer), (.unsigned, .unsigned), (.float, .float): true
      case (.bool, .bool), (.string, .string), (.array, .array): true
      default: false
      }
    if fits { values.append(value) }
  }
  return values
}

@Suite struct RoundTripTests {
  @Test(arguments: 0..<60 as Range<UInt64>)
  func `what the writer writes the reader reads`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var writer = GGUFWriter()
    var metadata: Metadata = [:]
    for index in 0..<Int.random(in: 0..<12, using: &generator) {
      let value = randomValue(&generator)
      metadata["key.\(index)"] = value
      writer.set("key.\(index)", to: value)
    }
    var contents: [(name: String, shape: [Int], type: TensorType, bytes: [UInt8])] = []
    for index in 0..<Int.random(in: 0..<8, using: &generator) {
      let type = try #require(TensorType.allCases.randomElement(using: &generator))
      let shape =
        [type.blockSize * Int.random(in: 1...3, using: &generator)]
        + (0..<Int.random(in: 0...3, using: &generator)).map { _ in
          Int.random(in: 1...3, using: &generator)
        }
      let count = shape.reduce(1, *) / type.blockSize * type.blockBytes
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      contents.append(("tensor \(index)", shape, type, bytes))
      writer.add(name: "tensor \(index)", shape: shape, type: type, bytes: bytes)
    }

    let file = try GGUFFile(bytes: writer.bytes())
    #expect(file.version == 3)
    #expect(file.metadata == metadata)
    #expect(file.tensors.map(\.name) == contents.map(\.name))
    for content in contents {
      let tensor = try #require(file.tensor(named: content.name))
      #expect(tensor.shape == content.shape)
      #expect(tensor.type == content.type)
      #expect(file.withBytes(of: tensor) { Array($0) } == content.bytes)
    }
  }

  @Test func `a file on disk reads as the same bytes in memory, also after its pages are released`()
    throws
  {
    let folder = try TemporaryFolder()
    let path = folder.file("tiny.gguf")
    var writer = GGUFWriter()
    writer.set("general.name", to: .string("tiny"))
    writer.add(name: "t", shape: [32], type: .q8_0, bytes: Array(0..<34))
    try writer.write(to: OutputFile(path))

    let file = try GGUFFile(path: path)
    #expect(file.sizeBytes == writer.bytes().count)
    let tensor = try #require(file.tensor(named: "t"))
    let before = file.dequantize(tensor)
    file.releasePages()
    #expect(file.dequantize(tensor) == before)
    #expect(before == (try GGUFFile(bytes: writer.bytes())).dequantize(tensor))
  }

  @Test func `the bytes of a tensor outlive the file that they came from`() async throws {
    try await withTemporaryFolder { folder in
      let path = folder + "/tiny.gguf"
      var writer = GGUFWriter()
      writer.add(name: "t", shape: [32], type: .q8_0, bytes: Array(0..<34))
      try writer.write(to: OutputFile(path))
      func bytes() throws -> TensorBytes {
        let file = try GGUFFile(path: path)
        return file.bytes(of: try #require(file.tensor(named: "t")))
      }
      let kept = try bytes()
      #expect(kept.withBytes { Array($0) } == Array(0..<34))
      kept.releasePages()
      #expect(kept.withBytes { Array($0) } == Array(0..<34))
    }
  }

  @Test func `a missing file, a folder and an empty file are told apart`() throws {
    let folder = try TemporaryFolder()
    let empty = folder.file("empty.gguf")
    try Data().write(to: URL(fileURLWithPath: empty))
    func code(_ path: String) -> GGUFError.Code? {
      do throws(GGUFError) {
        _ = try GGUFFile(path: path)
        return nil
      } catch {
        return error.code
      }
    }
    #expect(code(folder.file("none.gguf")) == .missingFile)
    #expect(code(folder.path) == .cannotOpen)
    #expect(code(empty) == .truncated)
  }

  @Test func `a file that cannot be written is named`() {
    #expect(throws: FileError.self) {
      try GGUFWriter().write(to: OutputFile("/no/such/folder/file.gguf"))
    }
  }
}
