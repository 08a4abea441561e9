import Inference
import TestSupport
import Testing

struct MemoryNeedTests {
  @Test func `a context that no machine has room for is an error and no crash`() throws {
    let file = try TinyModel().file()
    let error = #expect(throws: EngineError.self) {
      try LoadedModel(file: file, threads: 1, contextLength: 1 << 52)
    }
    #expect(error?.code == .noMemory)
    for words in ["MB of memory", "-c"] { #expect(error?.message.contains(words) == true) }
    #expect(throws: Never.self) { try LoadedModel(file: file, threads: 1, contextLength: 64) }
  }
}
