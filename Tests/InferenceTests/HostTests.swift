import Inference
import Testing

struct HostTests {
  @Test(arguments: [(1, 1), (2, 2), (16, 16), (64, 16)])
  func `where nobody asks there is a thread for each processor, at most 16`(
    processors: Int, expected: Int
  ) {
    #expect(
      Host.threads(asked: nil, processors: processors) == Host.Threads(count: expected)
    )
  }

  @Test(arguments: [(1, 1), (1, 2), (2, 2), (32, 64)])
  func `as many run as are asked for, where there are processors for them`(
    asked: Int, processors: Int
  ) {
    #expect(
      Host.threads(asked: asked, processors: processors) == Host.Threads(count: asked))
  }

  @Test(arguments: [(2, 1), (3, 2), (256, 4)])
  func `more threads than processors do not run, and that is told`(
    asked: Int, processors: Int
  ) throws {
    let threads = Host.threads(asked: asked, processors: processors)
    #expect(threads.count == processors)
    let notice = try #require(threads.notice)
    #expect(notice.hasPrefix("\(asked) threads were asked for"))
    #expect(notice.contains("\(processors) processor"))
  }
}
