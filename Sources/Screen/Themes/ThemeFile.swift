import Files
import Reports

/// A theme as it is written: TOML with `description`, `base`, `amounts` and a table `styles`.
package enum ThemeFile {
  /// Reads a theme named `name` from `text`; what it leaves out comes from the theme its `base` names.
  ///
  /// `file` is named in errors, together with the key and the value.
  package static func theme(
    named name: String, from text: String, file: String,
    base: (String?) throws(ScreenError) -> Theme
  ) throws(ScreenError) -> Theme {
    let table = try parse(text, file: file)
    let reader = Reader(file: file)
    var theme = Theme(name: name)
    var baseName: String?
    var own: [Role: Style] = [:]
    for key in table.keys.sorted() {
      guard let value = table[key] else { continue }
      switch key {
      case "description": theme.summary = try reader.text(value, key)
      case "base": baseName = try reader.text(value, key)
      case "amounts": own.merge(try reader.amounts(value)) { $1 }
      case "styles": own.merge(try reader.styles(value)) { $1 }
      default:
        throw reader.error(
          key, "\(value)", "there is no such key; known: description, base, amounts, styles")
      }
    }
    theme.styles = try base(baseName).styles.merging(own) { $1 }
    return theme
  }

  private static func parse(
    _ text: String, file: String
  ) throws(ScreenError) -> [String: TOMLText.Value] {
    do throws(TOMLText.Problem) {
      return try TOMLText.table(text)
    } catch {
      throw ScreenError(.theme, at: "\(file):\(error.line)", "not TOML: \(error.message)")
    }
  }
}

/// Turns values into styles, and names file, key and value when it cannot.
private struct Reader {
  let file: String

  func error(_ key: String, _ value: String, _ message: String) -> ScreenError {
    ScreenError(.theme, at: file, "\(key) = \(value): \(message)")
  }

  func text(_ value: TOMLText.Value, _ key: String) throws(ScreenError) -> String {
    guard let text = value.text else { throw error(key, "\(value)", "must be a text") }
    return text
  }

  func style(_ value: TOMLText.Value, _ key: String) throws(ScreenError) -> Style {
    let text = try text(value, key)
    guard let style = Style(parsing: text) else {
      throw error(
        key, "\"\(text)\"",
        "must be a colour #RRGGBB and any of bold, dim, italic, underline, reverse")
    }
    return style
  }

  func amounts(_ value: TOMLText.Value) throws(ScreenError) -> [Role: Style] {
    guard case .list(let array) = value, array.count == Role.amounts.count else {
      throw error("amounts", "\(value)", "must be a list of \(Role.amounts.count) styles")
    }
    var styles: [Role: Style] = [:]
    for (index, role) in Role.amounts.enumerated() {
      styles[role] = try style(array[index], "amounts[\(index)]")
    }
    return styles
  }

  func styles(_ value: TOMLText.Value) throws(ScreenError) -> [Role: Style] {
    guard case .table(let table) = value else {
      throw error("styles", "\(value)", "must be a table")
    }
    var styles: [Role: Style] = [:]
    for key in table.keys.sorted() {
      guard let value = table[key] else { continue }
      guard let role = Role(rawValue: key), !Role.amounts.contains(role) else {
        let near = Spelling.nearest(to: key, among: Role.allCases.map(\.rawValue))
        throw error(
          "styles.\(key)", "\(value)",
          "there is no such style" + (near.map { "; did you mean \($0)?" } ?? ""))
      }
      styles[role] = try style(value, "styles.\(key)")
    }
    return styles
  }
}
