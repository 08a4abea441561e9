import Foundation

/// A date and a time of day, for templates that write them.
package struct JinjaDate: Hashable, Sendable {
  /// The year, such as 2024.
  package var year: Int
  /// The month, from 1 on.
  package var month: Int
  /// The day of the month, from 1 on.
  package var day: Int
  /// The hour, from 0 to 23.
  package var hour: Int
  /// The minute.
  package var minute: Int
  /// The second.
  package var second: Int

  /// A date.
  package init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
    (self.year, self.month, self.day) = (year, min(max(month, 1), 12), day)
    (self.hour, self.minute, self.second) = (hour, minute, second)
  }

  /// Now, where the machine stands.
  package static var now: JinjaDate {
    let wanted: Set<Calendar.Component> = [.year, .month, .day, .hour, .minute, .second]
    let parts = Calendar(identifier: .gregorian).dateComponents(wanted, from: Date())
    return JinjaDate(
      year: parts.year ?? 1970, month: parts.month ?? 1, day: parts.day ?? 1,
      hour: parts.hour ?? 0, minute: parts.minute ?? 0, second: parts.second ?? 0)
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
  private static let weekdays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]

  /// Days of the year before this one.
  private var dayOfYear: Int {
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month - 1]
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return before + day + (isLeap && month > 2 ? 1 : 0)
  }

  /// The day of the week, Sunday being 0.
  private var weekday: Int {
    let past = year - 1
    let days = past * 365 + past / 4 - past / 100 + past / 400 + dayOfYear
    return ((days % 7) + 7) % 7
  }

  /// The date in the notation of `strftime`.
  func text(format: JinjaText) throws(JinjaError) -> JinjaText {
    var (result, rest) = (JinjaText(""), format.scalars[...])
    while let scalar = rest.popFirst() {
      guard scalar.scalar == "%" else {
        result.scalars.append(scalar)
        continue
      }
      let isShort = rest.first?.scalar == "-"
      if isShort { rest.removeFirst() }
      guard let letter = rest.popFirst() else { throw .failed("a date format ends with '%'") }
      let part = try part(letter.scalar)
      result += JinjaText(isShort ? String(part.drop { $0 == "0" }) : part)
    }
    return result
  }

  private func part(_ letter: Unicode.Scalar) throws(JinjaError) -> String {
    switch letter {
    case "Y": return String(year)
    case "y": return Self.digits(year % 100)
    case "m": return Self.digits(month)
    case "d": return Self.digits(day)
    case "e": return day < 10 ? " \(day)" : String(day)
    case "B": return Self.months[month - 1]
    case "b", "h": return String(Self.months[month - 1].prefix(3))
    case "A": return Self.weekdays[weekday]
    case "a": return String(Self.weekdays[weekday].prefix(3))
    case "j": return String(repeating: "0", count: 3 - String(dayOfYear).count) + String(dayOfYear)
    case "w": return String(weekday)
    case "%": return "%"
    default: return try timePart(letter)
    }
  }

  private func timePart(_ letter: Unicode.Scalar) throws(JinjaError) -> String {
    switch letter {
    case "H": return Self.digits(hour)
    case "I": return Self.digits((hour + 11) % 12 + 1)
    case "M": return Self.digits(minute)
    case "S": return Self.digits(second)
    case "p": return hour < 12 ? "AM" : "PM"
    case "F": return "\(year)-\(Self.digits(month))-\(Self.digits(day))"
    case "T": return "\(Self.digits(hour)):\(Self.digits(minute)):\(Self.digits(second))"
    default: throw .unsupported("'%\(letter)' in a date")
    }
  }

  private static func digits(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
}
