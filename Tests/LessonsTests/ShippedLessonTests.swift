import Events
import Foundation
import Lessons
import Screen
import Testing

/// The lessons that come with the program: what they say is so in their recordings.
struct ShippedLessonTests {
  private static let catalogue = LessonCatalogue(
    folder: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/Lessons/Resources/lessons").path)

  @Test func `there are seven, each with a title of its own`() {
    let lessons = Self.catalogue.lessons
    #expect(lessons.map(\.number) == Array(1...LessonCatalogue.count))
    #expect(Set(lessons.map(\.title)).count == lessons.count)
    #expect(lessons.allSatisfy { !$0.about.isEmpty && !$0.checks.isEmpty })
    #expect(LessonList.entries(of: Self.catalogue).map(\.title) == lessons.map(\.title))
  }

  @Test(arguments: 1...LessonCatalogue.count)
  func `every figure is in the recording, and every check holds`(number: Int) throws {
    let lesson = try Self.catalogue.lesson(number)
    let records = try Self.catalogue.recording(of: number)
    #expect(lesson.objections(in: records) == [])
    let script = try LessonScript(lesson, over: records)
    for order in script.orders {
      switch order {
      case .say(let text), .ask(let text), .reveal(let text): #expect(!text.contains("{"))
      default: break
      }
    }
  }

  @Test(arguments: 1...LessonCatalogue.count)
  func `a lesson goes forward only, to the end of its recording, in about two minutes`(
    number: Int
  ) throws {
    let records = try Self.catalogue.recording(of: number)
    let script = try LessonScript(try Self.catalogue.lesson(number), over: records)
    var stops: [Int] = []
    var (pace, time, letters, shown) = (Playback.Pace.times(1), Duration.zero, 0, 0)
    let pauses = ReplayPace.pauses(of: records)
    for order in script.orders {
      switch order {
      case .say(let text), .ask(let text), .reveal(let text): letters += text.count
      case .pace(let rate): pace = .tokens(rate)
      case .play(let stop):
        stops.append(stop)
        for index in shown..<max(shown, stop) { time += pauses[index].wait(at: pace) }
        shown = stop
      case .look: break
      }
    }
    #expect(stops == stops.sorted() && stops.last == records.count)
    // Fifteen letters a second are read.
    let seconds = time / .seconds(1) + Double(letters) / 15
    #expect((30...180).contains(seconds), "lesson \(number) takes \(seconds) s")
  }

  @Test func `a recording is small and names no folder of the machine that made it`() throws {
    for number in 1...LessonCatalogue.count {
      let data = try EventLog.data(for: Self.catalogue.recording(of: number))
      #expect(data.count < 150_000)
      let text = String(decoding: data, as: UTF8.self)
      #expect(!text.contains("/home/") && !text.contains("/work"))
    }
  }
}
