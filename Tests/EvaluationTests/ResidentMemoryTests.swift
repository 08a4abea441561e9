import Evaluation
import Testing

struct ResidentMemoryTests {
  @Test func `the figures of Linux are those of its status file`() {
    let status = """
      Name:\tfathom
      VmHWM:\t  222188 kB
      VmRSS:\t  150000 kB
      RssAnon:\t  140000 kB
      RssFile:\t   10000 kB
      """
    #expect(
      ResidentMemory(status: status)
        == ResidentMemory(current: 150_000 << 10, peak: 222_188 << 10, files: 10_000 << 10))
    #expect(ResidentMemory(status: "Name:\tfathom\n") == nil)
  }

  @Test func `memory that is touched is held`() throws {
    let before = try #require(ResidentMemory.ofThisProcess())
    let size = 64 << 20
    let memory = [UInt8](repeating: 1, count: size)
    let after = try #require(ResidentMemory.ofThisProcess())
    #expect(after.peak >= after.current)
    #expect(after.current - before.current > size / 2)
    #expect(memory[size / 3] == 1)
  }
}
