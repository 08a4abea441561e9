import Foundation
import Reports
import Testing

struct DayWordsTests {
  private func calendar(_ zone: String = "UTC") throws -> Calendar {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: zone))
    return calendar
  }

  private static let now = "2026-11-21T01:00:00Z"

  @Test(arguments: [
    ("2026-11-21T00:59:00Z", "Today 00:59"), ("2026-11-20T23:59:59Z", "Yesterday 23:59"),
    ("2026-11-19T18:40:00Z", "Thursday 18:40"), ("2026-11-15T08:05:00Z", "Sunday 08:05"),
    ("2026-11-14T08:05:00Z", "14 Nov 08:05"), ("2025-12-31T08:05:00Z", "31 Dec 2025"),
    ("2027-01-01T00:00:00Z", "1 Jan 2027"), ("yesterday", "yesterday"), ("", ""),
  ])
  func `moments are said as people say them`(stamp: String, words: String) throws {
    let now = try Date(Self.now, strategy: .iso8601)
    #expect(DayWords.words(forStamp: stamp, now: now, calendar: try calendar()) == words)
  }

  @Test func `days are those of the place where the person is`() throws {
    let now = try Date(Self.now, strategy: .iso8601)
    let stamp = "2026-11-20T18:40:00Z"
    #expect(
      DayWords.words(forStamp: stamp, now: now, calendar: try calendar("Asia/Tokyo"))
        == "Today 03:40")
    #expect(
      DayWords.words(forStamp: stamp, now: now, calendar: try calendar("America/New_York"))
        == "Today 13:40")
  }
}
