package import Foundation

/// A moment of the past as people say it.
package enum DayWords {
  /// `Today 18:40`, `Yesterday 18:40`, `Friday 18:40` within a week, `12 Nov 18:40` in the same year, `12 Nov
  /// 2025` before; by the calendar's time zone, and always in English.
  package static func words(
    for moment: Date, now: Date = Date(), calendar: Calendar = .current
  ) -> String {
    let parts = calendar.dateComponents(
      [.year, .month, .day, .hour, .minute, .weekday], from: moment)
    let days =
      calendar.dateComponents(
        [.day], from: calendar.startOfDay(for: moment), to: calendar.startOfDay(for: now)
      ).day ?? 0
    let time = "\(twoDigits(parts.hour)):\(twoDigits(parts.minute))"
    switch days {
    case 0: return "Today \(time)"
    case 1: return "Yesterday \(time)"
    case 2..<7: return "\(name(parts.weekday, in: weekdays)) \(time)"
    default:
      let day = "\(parts.day ?? 0) \(name(parts.month, in: months))"
      let isSameYear = parts.year == calendar.component(.year, from: now)
      return isSameYear ? "\(day) \(time)" : "\(day) \(parts.year ?? 0)"
    }
  }

  /// The same for a time as RFC 3339 writes it; a text that is none as it is.
  package static func words(
    forStamp stamp: String, now: Date = Date(), calendar: Calendar = .current
  ) -> String {
    guard let moment = try? Date(stamp, strategy: .iso8601) else { return stamp }
    return words(for: moment, now: now, calendar: calendar)
  }

  private static let weekdays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private static func name(_ number: Int?, in names: [String]) -> String {
    let index = (number ?? 0) - 1
    return names.indices.contains(index) ? names[index] : ""
  }

  private static func twoDigits(_ number: Int?) -> String {
    let text = "\(number ?? 0)"
    return text.count < 2 ? "0" + text : text
  }
}
