import GGUF
import Kernels
import TestSupport
import Testing
import Tokenization
import Transformer

/// Files whose metadata say what no sound file says: they are refused or read, and nothing traps.
struct HostileMetadataTests {
  private static let numbers: [MetadataValue] = [
    .integer(.min), .integer(-1), .unsigned(0), .unsigned(1), .unsigned(1 << 31),
    .unsigned(1 << 32), .unsigned(1 << 53), .integer(.max), .unsigned(.max), .float(1e308),
    .float(-1e-308), .float(.nan), .float(.infinity),
  ]
  private static let values: [MetadataValue] =
    numbers + numbers.map { .array([$0]) } + numbers.map { .array(Array(repeating: $0, count: 2)) }
    + [.array([]), .array([.array([])]), .string(""), .string("\u{1b}[2J"), .bool(true)]

  private let tiny = TinyModel(blockCount: 2)
  private let pool = ThreadPool(count: 1)

  @Test func `no value of a model's key makes reading the model trap`() throws {
    let parts = try Parts(tiny.file())
    for key in parts.file.metadata.keys.sorted() {
      for value in Self.values {
        guard let file = try? parts.with(value, for: key) else { continue }
        // Two blocks for each of the most there can be would only take time.
        _ = try? Blueprint(metadata: file.metadata)
        _ = try? Weights(file: file, pool: pool)
        _ = try? Tokenizer(metadata: file.metadata)
        _ = ChatTemplate.recognized(in: file.metadata)
        _ = Architecture.keyNotice(of: file.metadata)
      }
    }
  }

  @Test func `no value of an adapter's key makes reading the adapter trap`() throws {
    let weights = try Weights(file: tiny.file(), pool: pool)
    let adapters = [
      try TinyAdapter(base: tiny, depths: [1], shortlist: [3, 5]).file(),
      try TinyLowRank(base: tiny).file(),
    ]
    for adapter in adapters {
      let parts = Parts(adapter)
      #expect(throws: Never.self) {
        try ExitModules(file: adapter, weights: weights, pool: pool)
      }
      for key in adapter.metadata.keys.sorted() {
        for value in Self.values {
          guard let file = try? parts.with(value, for: key) else { continue }
          _ = try? ExitModules(file: file, weights: weights, pool: pool)
        }
      }
    }
  }

  @Test(arguments: [0, 129, 1 << 30])
  func `an adapter for a model of no possible number of blocks is refused`(count: UInt64) throws {
    let parts = Parts(try TinyLowRank(base: tiny).file())
    let file = try parts.with(.unsigned(count), for: "fathom.base.block_count")
    let error = #expect(throws: ModelError.self) { try AdapterHead(metadata: file.metadata) }
    #expect(error?.place == "fathom.base.block_count")
  }

  /// A file to change and to write again.
  private struct Parts {
    let file: GGUFFile

    init(_ file: GGUFFile) { self.file = file }

    func with(_ value: MetadataValue, for key: String) throws -> GGUFFile {
      var writer = GGUFWriter()
      for (name, there) in file.metadata.sorted(by: { $0.key < $1.key }) {
        writer.set(name, to: name == key ? value : there)
      }
      for tensor in file.tensors {
        writer.add(
          name: tensor.name, shape: tensor.shape, type: tensor.type,
          bytes: file.withBytes(of: tensor) { Array($0) })
      }
      return try GGUFFile(bytes: writer.bytes(), path: "hostile.gguf")
    }
  }
}
