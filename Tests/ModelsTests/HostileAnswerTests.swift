import Foundation
import Models
import TestSupport
import Testing

/// Answers as no sound server gives them.
@Suite struct HostileAnswerTests {
  private static let head =
    "HTTP/1.1 206 Partial\r\nContent-Range: bytes 5-9/10\r\nETag: \"a\"\r\n\r\nbody"

  @Test(arguments: 0..<20)
  func `a changed answer is read or refused, the same in any pieces`(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<100 {
      var bytes = Array(Self.head.utf8)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...2, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        default: bytes.insert(contentsOf: bytes[..<place], at: place)
        }
      }
      #expect(Self.read(bytes, by: bytes.count) == Self.read(bytes, by: 1))
    }
  }

  /// The body, and the head's number; nil where the answer is refused.
  private static func read(_ bytes: [UInt8], by size: Int) -> [Int]? {
    var reader = ResponseReader()
    var body: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      guard let piece = reader.body(of: Array(bytes[start..<min(start + size, bytes.count)])) else {
        return nil
      }
      body += piece
    }
    return [reader.head?.status ?? 0] + body.map(Int.init)
  }

  @Test(arguments: [
    "", "0", "-1", "99999999999999999999", " 200", "2e2", "200.0", "\u{660}",
  ])
  func `a number of an answer is a number or the answer is none`(status: String) {
    var reader = ResponseReader()
    let body = reader.body(of: Array("HTTP/1.1 \(status)\r\nx: y\r\n\r\nbody".utf8))
    #expect(body == nil || reader.head?.status == 200 || reader.head == nil)
  }
}
