import Chat
import Dials
import Events
import Foundation
import Inference
import TestSupport
import Testing
import Tokenization

/// Single turns: taken back, written anew, said from a file, written to a file, pinned.
@MainActor
struct TurnTests {
  private static func said(_ chat: TinyChat) -> [String] {
    chat.session.dialogue.conversation.messages.map(\.content)
  }

  @Test func `undo takes back the last question and its answer, and the next is a new one`()
    async throws
  {
    let chat = try TinyChat()
    await chat.session.submit("the cat")
    let before = Self.said(chat)
    await chat.session.submit("and the dog")
    await chat.apply(.turns(.undo))
    #expect(Self.said(chat) == before)
    #expect(chat.composed == ["and the dog"])
    await chat.session.submit("and the dog")
    #expect(chat.turns.map(\.turn) == [0, 1, 2, 3, 2, 3])
    let ids = chat.ids(turn: 3)
    #expect(!ids.isEmpty && ids.prefix(ids.count / 2) == ids.suffix(ids.count / 2))
  }

  @Test func `with nothing said there is nothing to take back`() async throws {
    let chat = try TinyChat { $0.system = "Be brief." }
    await chat.apply(.turns(.undo), .turns(.edit(turn: 2)))
    #expect(chat.errors.isEmpty && chat.changes.isEmpty && Self.said(chat) == ["Be brief."])
  }

  @Test func `an edited turn goes with all that follows, and says so`() async throws {
    let chat = try TinyChat { $0.system = "Be brief." }
    for text in ["one", "two", "three"] { await chat.session.submit(text) }
    await chat.apply(.turns(.edit(turn: 4)))
    #expect(chat.errors.count == 1 && chat.errors[0].contains("has 3"))
    await chat.apply(.turns(.edit(turn: 1)))
    #expect(Self.said(chat) == ["Be brief."] && chat.composed == ["one"])
    #expect(chat.notices.all.last?.text.contains("turns 2 to 3") == true)
  }

  @Test(arguments: 0..<20)
  func `records tell the conversation, whatever was taken back`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 900 + seed)
    let chat = try TinyChat { $0.tokenLimit = 2 }
    for step in 0..<8 {
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: await chat.apply(.turns(.undo))
      case 1: await chat.apply(.turns(.edit(turn: .random(in: 1...3, using: &generator))))
      case 2: await chat.apply(.turns(.pin(turn: .random(in: 1...3, using: &generator))))
      default: await chat.session.submit("message \(step)")
      }
    }
    let conversation = chat.session.dialogue.conversation
    let told = Conversation(records: chat.records, template: conversation.template)
    #expect(told.messages == conversation.messages)
    #expect(told.pinned == conversation.pinned)
    #expect(try EventLog.records(in: EventLog.data(for: chat.records)) == chat.records)
  }

  @Test func `a file is said in front of the next message, once`() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/notes.txt"
      try Data("\u{FEFF}Grüße\n\n".utf8).write(to: URL(filePath: path))
      let chat = try TinyChat()
      await chat.apply(.turns(.read(path: path)))
      #expect(chat.notices.all.last?.text.contains("notes.txt: 5 characters") == true)
      await chat.session.submit("the cat")
      await chat.session.submit("a dog")
      #expect(chat.texts == ["Grüße\n\nthe cat", "", "a dog", ""])
      await chat.apply(.turns(.read(path: path)), .turns(.read(path: nil)))
      await chat.session.submit("no file")
      #expect(chat.texts.contains("no file"))
    }
  }

  @Test func `UTF-16 is read and said, and what is no text is refused by name`() async throws {
    try await withTemporaryFolder { folder in
      let wide = "\(folder)/wide.txt"
      try Data([0xFF, 0xFE, 0x41, 0, 0x42, 0]).write(to: URL(filePath: wide))
      try Data([1, 0, 2]).write(to: URL(filePath: "\(folder)/binary"))
      try Data(" \n".utf8).write(to: URL(filePath: "\(folder)/empty"))
      try Data(repeating: 65, count: 1 << 21).write(to: URL(filePath: "\(folder)/huge"))
      let chat = try TinyChat()
      await chat.apply(.turns(.read(path: wide)))
      #expect(chat.notices.all.last?.text.contains("UTF-16") == true)
      let problems = [
        ("-", "standard input"), (folder, "is a folder"), ("/dev/null", "is a device"),
        ("\(folder)/binary", "zero bytes"), ("\(folder)/empty", "is empty"),
        ("\(folder)/huge", "1048576"), ("\(folder)/none", "none"),
      ]
      for (path, word) in problems {
        await chat.apply(.turns(.read(path: path)))
        #expect(chat.errors.last?.contains(word) == true, "\(path)")
      }
      #expect(chat.errors.count == problems.count)
      await chat.session.submit("x")
      #expect(chat.texts.first == "AB\n\nx")
    }
  }

  @Test func `answers and blocks of code are copied, thoughts and what is too long are not`()
    async throws
  {
    let code = "Look:\n```swift\nlet a = 1\n```\nand\n~~~\nb\n```\n~~~"
    let chat = try TinyChat.having([
      ("hello", "<think>\nhm\n</think>\n\nHi."), ("code", code), ("more", "Done."),
      ("long", String(repeating: "x", count: 60_000)),
    ])
    for source: TurnCommand.Source in [
      .answer(turn: 1), .answer(turn: 3), .code(number: nil), .code(number: 1),
    ] { await chat.apply(.turns(.copy(source))) }
    #expect(chat.copied == ["Hi.", "Done.", "b\n```", "let a = 1"])
    await chat.apply(.turns(.copy(.answer(turn: nil))), .turns(.copy(.code(number: 3))))
    #expect(chat.errors.count == 2 && chat.errors[0].contains("56000") && chat.copied.count == 4)
  }

  @Test func `the ending of the file says how a conversation is written`() async throws {
    try await withTemporaryFolder { folder in
      let chat = try TinyChat.having([("is 1 < 2 & \"so\"?", "Yes:\n```\n<b>\n```\n\u{1B}[1m")])
      for ending in ["md", "json", "html"] {
        await chat.apply(.turns(.export(to: "\(folder)/c.\(ending)", replaces: false)))
      }
      #expect(chat.errors.isEmpty)
      func text(_ ending: String) throws -> String {
        try String(contentsOf: URL(filePath: "\(folder)/c.\(ending)"), encoding: .utf8)
      }
      #expect(try text("md").contains("## You\n\nis 1 < 2 & \"so\"?\n"))
      let html = try text("html")
      #expect(html.contains("is 1 &lt; 2 &amp; &quot;so&quot;?"))
      #expect(html.contains("<pre><code>&lt;b&gt;</code></pre>"))
      #expect(!html.contains("\u{1B}") && !html.contains("src=") && !html.contains("href="))
      struct Contents: Decodable {
        struct Message: Decodable {
          let role: String
          let content: String
        }
        let format: String
        let messages: [Message]
      }
      let contents = try JSONDecoder().decode(Contents.self, from: Data(text("json").utf8))
      #expect(contents.format == "fathom.conversation")
      #expect(contents.messages.map(\.content) == Self.said(chat))
      await chat.apply(.turns(.export(to: "\(folder)/c.md", replaces: false)))
      #expect(chat.errors.count == 1 && chat.errors[0].contains("--force"))
      await chat.apply(.turns(.export(to: "\(folder)/c.md", replaces: true)))
      #expect(chat.errors.count == 1)
    }
  }

  @Test func `what is set and said of the model is shown`() async throws {
    let chat = try TinyChat { $0.system = "Be brief." }
    await chat.apply(.turns(.show(.system)), .turns(.show(.parameters)))
    #expect(chat.notices.all[0].text == "Be brief.")
    #expect(chat.notices.all[1].text.contains("temperature: 0.8\n"))
    #expect(chat.notices.all[1].text.contains("draft: auto"))
    try await withTemporaryFolder { folder in
      let home = try TinyHome(in: folder, depths: [1], saving: "fixed 1")
      let real = TinyChat(
        try Dialogue(
          model: LoadedModel(path: home.model, threads: 1),
          reference: ModelReference(model: home.model), settings: ChatSettings()))
      await real.apply(
        .turns(.show(.info)), .turns(.show(.license)), .turns(.show(.template)))
      #expect(real.errors.isEmpty && real.notices.all.count >= 3)
      #expect(real.notices.all.contains { $0.text.contains("tiny.gguf") })
    }
  }

  @Test func `the first turn is pinned, others are by their number`() async throws {
    let chat = try TinyChat()
    await chat.session.submit("one")
    await chat.session.submit("two")
    await chat.apply(.turns(.pin(turn: nil)), .turns(.pin(turn: 2)), .turns(.pin(turn: 3)))
    #expect(chat.session.dialogue.conversation.pinned == [1, 2])
    #expect(chat.errors.count == 1)
    await chat.apply(.turns(.unpin(turn: 1)), .turns(.unpin(turn: nil)))
    #expect(chat.changes.map(\.new) == ["1-2", "2", "none"])
  }
}

/// Blocks of code between fences.
struct CodeBlockTests {
  @Test(arguments: [
    ("no code", 0), ("```", 1), ("```\na\n```", 1), ("    ```\na", 0), ("``` a`b\nx", 0),
    ("~~~\n```\n~~~\n```\nb\n````", 2), ("`a` and ``b``", 0),
  ])
  func `fences are found as Markdown has them`(text: String, count: Int) {
    #expect(CodeBlock.all(in: text).count == count, "\(text)")
  }
}
