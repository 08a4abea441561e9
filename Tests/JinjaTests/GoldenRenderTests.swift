import Foundation
import Jinja
import Testing

/// What the `jinja2` package makes of templates: `Golden/README.md` says how that was written down.
@Suite struct GoldenRenderTests {
  /// The date of the golden files.
  static let date = JinjaDate(year: 2024, month: 7, day: 5, hour: 14, minute: 3, second: 9)

  private struct Case: Decodable {
    var template: String
    var chat: String?
    var messages: [[String: String]]?
    var addsPrompt: Bool?
    var isThinking: Bool?
    var text: String?

    enum CodingKeys: String, CodingKey {
      case template, chat, messages, text
      case addsPrompt = "add_generation_prompt"
      case isThinking = "enable_thinking"
    }

    /// The names that the libraries of Hugging Face give a template.
    var names: [String: JinjaValue] {
      let messages = (messages ?? []).map { message in
        var mapping = JinjaMapping()
        for (key, value) in message { mapping[key] = .text(JinjaText(value)) }
        return JinjaValue.mapping(mapping)
      }
      var names: [String: JinjaValue] = [
        "messages": .list(messages), "tools": .none, "documents": .none,
        "add_generation_prompt": .bool(addsPrompt ?? false), "bos_token": .text("<s>"),
        "eos_token": .text("</s>"),
      ]
      if let isThinking { names["enable_thinking"] = .bool(isThinking) }
      return names
    }
  }

  private static func lines(_ name: String) throws -> [Case] {
    let url = try #require(Bundle.module.url(forResource: "Golden/\(name)", withExtension: nil))
    return try Data(contentsOf: url).split(separator: UInt8(ascii: "\n"))
      .map { try JSONDecoder().decode(Case.self, from: Data($0)) }
  }

  @Test func `published chat templates give what jinja2 makes of them, scalar by scalar`() throws {
    let cases = try Self.lines("renders.jsonl")
    #expect(cases.count > 500)
    for (name, cases) in Dictionary(grouping: cases, by: \.template) {
      let url = try #require(
        Bundle.module.url(forResource: "Golden/templates/\(name)", withExtension: nil))
      let template = try JinjaTemplate(String(contentsOf: url, encoding: .utf8))
      for one in cases {
        let text = try? template.render(one.names, date: Self.date).string
        #expect(text == one.text, "\(name), \(one.chat ?? ""), \(one.addsPrompt ?? false)")
      }
    }
  }

  @Test func `small templates give what jinja2 makes of them`() throws {
    let names: [String: JinjaValue] = [
      "s": .text("Hello World"), "t": .text(" héllo\n "), "n": .int(3), "f": .float(2.5),
      "l": .list([.text("b"), .text("a"), .text("C"), .int(1), .int(2)]), "e": .list([]),
      "d": .mapping([
        "k": .text("v"), "b": .list([.int(1), .none, .bool(true)]),
        "a": .mapping(["x": .float(1)]),
      ]),
      "no": .none, "yes": .bool(true),
      "m": .list([
        .mapping(["role": .text("user"), "content": .text("hi"), "n": .int(2)]),
        .mapping(["role": .text("assistant"), "content": .text("Yo"), "n": .int(1), "x": .none]),
      ]),
    ]
    let cases = try Self.lines("expressions.jsonl")
    #expect(cases.count > 35)
    for one in cases {
      let text: String?
      do throws(JinjaError) {
        text = try JinjaTemplate(one.template).render(names, date: Self.date).string
      } catch {
        text = nil
        if one.text != nil { Issue.record("\(one.template): \(error)") }
      }
      #expect(text == one.text, "\(one.template)")
    }
  }
}
