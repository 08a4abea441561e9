package import Dials
package import Foundation

/// A JSON Schema (draft 2020-12), as much of it as the record's schema uses.
///
/// A keyword that it does not know is an error, so nothing in a schema goes unchecked in silence.
package struct JSONSchema: Sendable {
  /// The schema as it was read.
  package let root: JSONValue

  /// The schema in the file at `url`.
  package init(contentsOf url: URL) throws {
    root = try JSONValue(parsing: Data(contentsOf: url))
  }

  /// What is wrong with a JSON text; empty when it is valid.
  package func problems(of data: Data) -> [String] {
    guard let value = try? JSONValue(parsing: data) else { return ["this is not JSON"] }
    return problems(of: value, against: root, at: "$")
  }

  private func problems(
    of value: JSONValue, against schema: JSONValue, at path: String
  )
    -> [String]
  {
    guard case .object(let keywords) = schema else { return ["\(path): the schema is no object"] }
    var problems: [String] = []
    for (keyword, rule) in keywords.sorted(by: { $0.key < $1.key }) {
      switch keyword {
      case "$schema", "$defs", "title", "description", "required", "properties",
        "additionalProperties", "items":
        continue
      case "$ref": problems += self.problems(of: value, byReference: rule, at: path)
      case "oneOf", "anyOf":
        problems += self.problems(of: value, against: rule, keyword: keyword, at: path)
      default:
        if let problem = check(value, keyword: keyword, rule: rule) {
          problems.append("\(path): \(problem)")
        }
      }
    }
    return problems + membersProblems(of: value, keywords, at: path)
      + itemsProblems(of: value, keywords, at: path)
  }

  /// The keywords that look at one value and not below it; nil when the value is as they say.
  private func check(_ value: JSONValue, keyword: String, rule: JSONValue) -> String? {
    switch (keyword, rule, value) {
    case ("type", .string(let name), _):
      let fits = value.typeName == name || (name == "number" && value.typeName == "integer")
      return fits ? nil : "\(value.typeName) where \(name) is asked"
    case ("const", _, _): return value == rule ? nil : "\(value) is not \(rule)"
    case ("enum", .array(let values), _):
      return values.contains(value) ? nil : "\(value) is not one of \(values)"
    case ("minimum", .number(let least), _):
      guard let number = value.rounded, number < least else { return nil }
      return "\(number) is less than \(least)"
    case ("maximum", .number(let most), _):
      guard let number = value.rounded, number > most else { return nil }
      return "\(number) is more than \(most)"
    case ("pattern", .string(let pattern), .string(let text)):
      guard let regex = try? Regex(pattern) else { return "the pattern \(pattern) is none" }
      return text.firstMatch(of: regex) == nil ? "\"\(text)\" is not like \(pattern)" : nil
    case ("pattern", .string, _): return nil
    default: return "the keyword \(keyword) is not known here"
    }
  }

  private func problems(
    of value: JSONValue, byReference rule: JSONValue, at path: String
  )
    -> [String]
  {
    guard case .string(let text) = rule, text.hasPrefix("#/$defs/"),
      let schema = root["$defs"]?[String(text.dropFirst("#/$defs/".count))]
    else { return ["\(path): the schema refers to nothing: \(rule)"] }
    return problems(of: value, against: schema, at: path)
  }

  private func problems(
    of value: JSONValue, against rule: JSONValue, keyword: String, at path: String
  ) -> [String] {
    guard case .array(let choices) = rule else { return ["\(path): \(keyword) is no array"] }
    let answers = choices.map { problems(of: value, against: $0, at: path) }
    let fitting = answers.count { $0.isEmpty }
    if fitting == 1 || (keyword == "anyOf" && fitting > 0) { return [] }
    if fitting > 1 { return ["\(path): \(fitting) of oneOf fit"] }
    // The choice with the fewest complaints is the one that was meant.
    return answers.min { $0.count < $1.count } ?? ["\(path): nothing to choose from"]
  }

  private func membersProblems(
    of value: JSONValue, _ keywords: [String: JSONValue], at path: String
  ) -> [String] {
    guard case .object(let members) = value else { return [] }
    let missing = (keywords["required"]?.strings ?? []).filter { members[$0] == nil }
    var problems = missing.map { "\(path): \($0) is missing" }
    let properties = keywords["properties"]
    for (name, member) in members.sorted(by: { $0.key < $1.key }) {
      if let schema = properties?[name] {
        problems += self.problems(of: member, against: schema, at: "\(path).\(name)")
      } else if keywords["additionalProperties"] == .boolean(false) {
        problems.append("\(path): \(name) is not a field")
      }
    }
    return problems
  }

  private func itemsProblems(
    of value: JSONValue, _ keywords: [String: JSONValue], at path: String
  ) -> [String] {
    guard case .array(let items) = value, let schema = keywords["items"] else { return [] }
    return items.enumerated().flatMap { index, item in
      problems(of: item, against: schema, at: "\(path)[\(index)]")
    }
  }
}
