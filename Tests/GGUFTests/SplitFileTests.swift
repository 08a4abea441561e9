import Files
import Foundation
import GGUF
import TestSupport
import Testing

/// A model over several files, as `llama-gguf-split` writes them: the metadata in the first alone.
private struct Split {
  var parts: [GGUFWriter] = []
  let whole = GGUFWriterContents()
  let folder: String

  /// Files with `counts` tensors each.
  init(in folder: String, counts: [Int] = [2, 0, 3], name: String = "tiny") throws {
    self.folder = folder
    var next = 0
    for (index, count) in counts.enumerated() {
      var part = GGUFWriter()
      if index == 0 {
        part.set("general.architecture", to: .string("llama"))
        part.set("general.name", to: .string(name))
      }
      part.set("split.no", to: .unsigned(UInt64(index)))
      part.set("split.count", to: .unsigned(UInt64(counts.count)))
      part.set("split.tensors.count", to: .integer(Int64(counts.reduce(0, +))))
      for _ in 0..<count {
        let values = whole.values(next)
        part.add(
          name: "t\(next)", shape: [8, next + 1], type: .f32,
          bytes: values.flatMap { value in
            Swift.withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init)
          })
        next += 1
      }
      parts.append(part)
    }
  }

  func path(_ number: Int) -> String { "\(folder)/m-0000\(number)-of-0000\(parts.count).gguf" }

  func write() throws {
    for (index, part) in parts.enumerated() {
      try part.write(to: OutputFile(path(index + 1), replaces: true))
    }
  }
}

/// What the tensors hold: something else each.
private struct GGUFWriterContents {
  func values(_ index: Int) -> [Float] { (0..<8 * (index + 1)).map { Float($0 + 1000 * index) } }
}

@Suite struct SplitFileTests {
  @Test(arguments: [[2, 0, 3], [0, 4], [1, 1, 1, 1, 1]])
  func `a model over several files reads as one`(counts: [Int]) async throws {
    try await withTemporaryFolder { root in
      let split = try Split(in: root, counts: counts)
      try split.write()
      let file = try GGUFFile(path: split.path(1))
      #expect(file.tensors.map(\.name) == (0..<counts.reduce(0, +)).map { "t\($0)" })
      for (index, tensor) in file.tensors.enumerated() {
        #expect(file.dequantize(tensor) == split.whole.values(index))
        #expect(file.bytes(of: tensor).withBytes(\.count) == tensor.byteCount)
      }
      file.releasePages()
      #expect(file.dequantize(file.tensors[0]) == split.whole.values(0))
      let sizes = try (1...counts.count).map {
        try Data(contentsOf: URL(filePath: split.path($0))).count
      }
      #expect(file.sizeBytes == sizes.reduce(0, +))
      // What is made of it is one file, which must not say that it is split.
      #expect(file.metadata.keys.sorted() == ["general.architecture", "general.name"])
    }
  }

  @Test func `the files are found through the links of a cache`() async throws {
    try await withTemporaryFolder { root in
      let split = try Split(in: root)
      try split.write()
      let links = root + "/snapshot"
      let manager = FileManager.default
      try manager.createDirectory(atPath: links, withIntermediateDirectories: true)
      for number in 1...3 {
        let name = URL(filePath: split.path(number)).lastPathComponent
        try manager.moveItem(atPath: split.path(number), toPath: "\(root)/blob\(number)")
        try manager.createSymbolicLink(
          atPath: "\(links)/\(name)", withDestinationPath: "../blob\(number)")
      }
      let file = try GGUFFile(path: "\(links)/m-00001-of-00003.gguf")
      #expect(file.tensors.count == 5)
    }
  }

  @Test func `a part that is missing is named`() async throws {
    try await withTemporaryFolder { root in
      let split = try Split(in: root)
      try split.write()
      try FileManager.default.removeItem(atPath: split.path(2))
      let error = #expect(throws: GGUFError.self) { try GGUFFile(path: split.path(1)) }
      #expect(error?.code == .missingFile)
      #expect(error?.path == split.path(2))
      #expect(error?.message.contains("part 2 of 3") == true)
    }
  }

  @Test func `another part than the first names the first`() async throws {
    try await withTemporaryFolder { root in
      let split = try Split(in: root)
      try split.write()
      let error = #expect(throws: GGUFError.self) { try GGUFFile(path: split.path(3)) }
      #expect(error?.code == .partOfModel)
      #expect(error?.message.contains(split.path(1)) == true)
      #expect(error?.message.contains("part 3 of a model") == true)
    }
  }

  @Test func `a first part that was renamed says how parts are called`() async throws {
    try await withTemporaryFolder { root in
      let split = try Split(in: root)
      try split.write()
      for name in ["model.gguf", "m-00001-of-00002.gguf", "m-00002-of-00003.gguf"] {
        let path = root + "/renamed/" + name
        try FileManager.default.createDirectory(
          atPath: root + "/renamed", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: split.path(1), toPath: path)
        let error = #expect(throws: GGUFError.self) { try GGUFFile(path: path) }
        #expect(error?.code == .partOfModel)
        #expect(error?.message.contains("-00001-of-00003.gguf") == true)
      }
    }
  }

  /// What is wrong with the second of two parts, and which word the refusal has.
  @Test(arguments: [
    ("split.no", MetadataValue.unsigned(0), "part 1 of 2"),
    ("split.no", .string("x"), "no part"),
    ("split.no", .integer(.max), "no part"),
    ("split.count", .unsigned(3), "part 2 of 3"),
    ("split.count", .unsigned(1), "part 2 of 1"),
    ("split.tensors.count", .integer(6), "part 2 of 2"),
    ("general.name", .string("another"), "another model"),
  ])
  func `parts that do not belong together are refused`(
    key: String, value: MetadataValue, word: String
  ) async throws {
    try await withTemporaryFolder { root in
      var split = try Split(in: root, counts: [2, 3])
      try split.write()
      #expect(throws: Never.self) { try GGUFFile(path: split.path(1)) }
      split.parts[1].set(key, to: value)
      try split.write()
      let error = #expect(throws: GGUFError.self) { try GGUFFile(path: split.path(1)) }
      #expect(error?.code == .partOfModel)
      #expect(error?.path == split.path(2))
      #expect(error?.message.contains(word) == true, "\(error?.description ?? "")")
    }
  }

  @Test func `tensors that are missing or there twice are refused`() async throws {
    try await withTemporaryFolder { root in
      var split = try Split(in: root, counts: [2, 3])
      let other = try Split(in: root, counts: [1, 4])
      split.parts[1] = other.parts[1]
      try split.write()
      #expect(throws: GGUFError.self) { try GGUFFile(path: split.path(1)) }
      split = try Split(in: root, counts: [2, 3])
      for index in 0..<2 { split.parts[index].set("split.tensors.count", to: .integer(9)) }
      try split.write()
      let error = #expect(throws: GGUFError.self) { try GGUFFile(path: split.path(1)) }
      #expect(error?.message.contains("5 tensors together, not 9") == true)
    }
  }

  @Test func `a name of a part is taken apart and put together again`() throws {
    let name = try #require(SplitName("/a-00001-of-00002/b-00002-of-00012.gguf"))
    #expect((name.number, name.count) == (2, 12))
    #expect(name.path(2) == "/a-00001-of-00002/b-00002-of-00012.gguf")
    #expect(name.paths.last == "/a-00001-of-00002/b-00012-of-00012.gguf")
    #expect(name.whole == "/a-00001-of-00002/b.gguf")
    for other in [
      "b.gguf", "b-00001-of-00002.bin", "b-00003-of-00002.gguf", "b-00000-of-00002.gguf",
      "b-1-of-2.gguf", "-of-00002.gguf", "b-+0001-of-00002.gguf", "b00001-of-00002.gguf", "",
    ] {
      #expect(SplitName(other) == nil, "\(other)")
    }
  }
}
