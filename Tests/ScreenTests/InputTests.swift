import Dials
import Events
import Screen
import Techniques
import TestSupport
import Testing

/// Keys, the line a person writes, and slash commands.
struct InputTests {
  /// An editor after these keys; a text stands for its scalars.
  static func editor(_ text: String, history: [String] = [], _ keys: Key...) -> InputEditor {
    var editor = InputEditor(history: history)
    for scalar in text.unicodeScalars { _ = editor.handle(.scalar(scalar)) }
    for key in keys { _ = editor.handle(key) }
    return editor
  }

  @Test func `the cursor moves by what a person sees as one character`() {
    var editor = Self.editor("ae\u{301}👩‍👩‍👧b")
    #expect(editor.cursor == 4)
    _ = editor.handle(.left)
    _ = editor.handle(.backspace)
    #expect(editor.text == "ae\u{301}b")
    _ = editor.handle(.backspace)
    #expect(editor.text == "ab" && editor.cursor == 1)
  }

  @Test func `a combining mark typed later joins the character before it`() {
    let editor = Self.editor("e\u{301}")
    #expect(editor.text.count == 1 && editor.cursor == 1)
  }

  @Test(arguments: [
    (Key.control("a"), 0), (.home, 0), (.control("e"), 11), (.end, 11), (.control("b"), 10),
    (.alt("b"), 6),
    (.wordLeft, 6),
  ])
  func `keys move as in readline`(key: Key, cursor: Int) {
    #expect(Self.editor("hello world", key).cursor == cursor)
  }

  @Test func `words are walked forward too`() {
    #expect(Self.editor("hello, world", .home, .alt("f")).cursor == 5)
    #expect(Self.editor("hello, world", .home, .alt("f"), .alt("f")).cursor == 12)
  }

  @Test func `what is cut comes back`() {
    #expect(Self.editor("one two", .control("w")).text == "one ")
    #expect(
      Self.editor("one two", .control("w"), .control("y"), .control("y")).text == "one twotwo")
    #expect(Self.editor("one two", .alt("b"), .control("k")).text == "one ")
    #expect(Self.editor("one two", .alt("b"), .control("u")).text == "two")
    #expect(Self.editor("one two", .home, .control("d"), .delete).text == "e two")
  }

  @Test func `Enter sends, Alt-Enter and paste do not`() {
    var editor = Self.editor("a")
    #expect(editor.handle(.newline) == .edited)
    #expect(editor.handle(.paste("b\nc")) == .edited)
    #expect(editor.handle(.enter) == .sent("a\nb\nc"))
    #expect(editor.text.isEmpty && editor.history == ["a\nb\nc"])
    #expect(editor.handle(.enter) == .edited)
  }

  @Test func `three quotes typed at the start hold the line open until they are typed at the end`()
  {
    var editor = Self.editor("\"\"\"one")
    #expect(editor.handle(.enter) == .edited)
    _ = editor.handle(.paste("say \"\"\""))
    #expect(editor.handle(.enter) == .edited)
    for scalar in "two\"\"\"".unicodeScalars { _ = editor.handle(.scalar(scalar)) }
    #expect(editor.handle(.enter) == .sent("one\nsay \"\"\"\ntwo"))
  }

  @Test(arguments: [
    "def f():\n    \"\"\"doc\"\"\"\n    return 1", "What does \"\"\" mean?", "\"\"\"doc\"\"\"",
    "\"\"\"open",
  ])
  func `what is pasted keeps its quotes`(text: String) {
    var editor = Self.editor("", .paste(text))
    #expect(editor.handle(.enter) == .sent(text))
  }

  @Test func `three quotes typed later mean nothing`() {
    var editor = Self.editor("What does \"\"\" mean?")
    #expect(editor.handle(.enter) == .sent("What does \"\"\" mean?"))
  }

  @Test func `an open text stays open over history, search and the prompt's own changes`() {
    var editor = Self.editor("\"\"\"one", history: ["earlier"], .up)
    #expect(editor.text == "earlier")
    _ = editor.handle(.down)
    _ = editor.handle(.control("r"))
    _ = editor.handle(.escape)
    #expect(editor.text == "\"\"\"one")
    #expect(editor.handle(.enter) == .edited)
    editor.replace(with: "\"\"\"one two\"\"\"", isSame: true)
    #expect(editor.handle(.enter) == .sent("one two"))
    editor.replace(with: "\"\"\"one two\"\"\"")
    #expect(editor.handle(.enter) == .sent("\"\"\"one two\"\"\""))
  }

  @Test func `without its opening quotes a text is none`() {
    var editor = Self.editor("\"\"\"one", .home, .delete, .delete, .delete)
    #expect(editor.handle(.enter) == .sent("one"))
  }

  @Test func `history goes up and down and keeps what was not sent`() {
    var editor = Self.editor("new", history: ["first", "second"], .up)
    #expect(editor.text == "second")
    _ = editor.handle(.control("p"))
    #expect(editor.text == "first")
    _ = editor.handle(.up)
    #expect(editor.text == "first")
    _ = editor.handle(.down)
    _ = editor.handle(.control("n"))
    #expect(editor.text == "new")
  }

  @Test func `up and down move inside a text of several lines first`() {
    var editor = Self.editor("", history: ["old"], .paste("one\ntwo"), .up)
    #expect(editor.text == "one\ntwo" && editor.cursor == 3)
    _ = editor.handle(.up)
    #expect(editor.text == "old")
  }

  @Test func `a search finds the newest match, then older ones`() {
    var editor = Self.editor("draft", history: ["Paris?", "Rome", "paris again"], .control("r"))
    for scalar in "par".unicodeScalars { _ = editor.handle(.scalar(scalar)) }
    #expect(editor.search?.match == 2)
    _ = editor.handle(.control("r"))
    #expect(editor.search?.match == 0)
    var kept = editor
    #expect(kept.handle(.enter) == .edited && kept.text == "Paris?")
    #expect(editor.handle(.escape) == .edited && editor.text == "draft" && editor.search == nil)
  }

  @Test(arguments: 0..<60)
  func `any keys keep the cursor inside the text`(seed: UInt64) {
    var random = WildRecords(seed: seed)
    var editor = InputEditor(history: [random.text(), random.text()])
    for _ in 0..<200 {
      _ = editor.handle(random.key())
      #expect(editor.cursor >= 0 && editor.cursor <= editor.text.count)
    }
  }

  // MARK: - Commands

  @Test(arguments: [
    ("/exit-policy top1 .8 at 10,20", SessionCommand.exitPolicy("top1 .8 at 10,20")),
    ("/mode approximate", .mode(.approximate)), ("/preset saving", .preset(.saving)),
    ("/adapter my exits.gguf", .adapter("my exits.gguf")), ("/adapter off", .adapter(nil)),
    ("/prune 3,7-9", .prune(BlockSet(indices: [3, 7, 8, 9]))), ("/prune none", .prune(.none)),
    ("/prune auto 3", .pruneFirst(3)), ("/prune measure", .measureBlocks),
    ("/prune", .listBlocks),
    ("/draft 6", .draft("6")), ("/draft ngram,recycle 8", .draft("ngram,recycle 8")),
    ("/window lambda 64 sinks 4", .window("lambda 64 sinks 4")), ("/window off", .window("off")),
    ("/set temperature 0.7", .set(.temperature, to: "0.7")),
    ("/set parameter seed 7", .set(.seed, to: "7")),
    ("/set num_predict -1", .set(.numPredict, to: "-1")),
    ("/set system Be brief.", .system("Be brief.")),
    ("/system  You are  a cat. ", .system("You are  a cat.")),
    ("/save my file.jsonl", .save(to: "my file.jsonl")), ("/load x", .load(from: "x")),
    ("/export small.gguf", .export(nil, to: "small.gguf")),
    ("/clear ", .clear), ("/regen", .regenerate), ("/continue", .continueAnswer),
    ("/compare", .compare),
  ])
  func `a command for the session is read as its table says`(
    line: String, command: SessionCommand
  ) throws {
    #expect(try SlashCommand.parse(line).inLines == .session(command))
  }

  @Test(arguments: ["/quit", "/exit", "/bye"])
  func `leaving needs no session`(line: String) throws {
    #expect(try SlashCommand.parse(line).inLines == .leave)
  }

  @Test func `in lines of text the help is a line a command`() throws {
    #expect(
      try SlashCommand.parse("/?").inLines
        == .say(SlashCommand.forms.map { "\($0.usage): \($0.summary)" }))
  }

  @Test(arguments: [
    ("/hlep", "Did you mean /help?"), ("/exitpolicy off", "Did you mean /exit-policy?"),
    ("/xyzzy", "/help lists"),
    ("/mode fast", "identical | approximate"), ("/prune 9-3", "3,7-9"),
    ("/draft", "/draft auto | off"),
    ("/set temprature 1", "temperature"),
    ("/set top_k many", "many is not a number"), ("/clear all", "/clear"),
    ("/exit-policy", "off | fixed N"), ("/adapter", "FILE | off"),
  ])
  func `a wrong command says what would be right`(line: String, hint: String) {
    let error = #expect(throws: ScreenError.self) { try SlashCommand.parse(line) }
    #expect(error?.description.contains(hint) == true, "\(error.map(\.description) ?? "")")
  }

  @Test(arguments: [
    "/usr/bin/python3: command not found, why?", "// what does this comment mean?",
    "/* and this? */",
    "/etc/fstab\nsecond line", "/", "/ is the root?", "/1 of them", "/dev/null", "/s/a/b/",
    "/naïve,",
    " /help", "hello", "",
  ])
  func `what only begins with a slash is said to the model`(text: String) {
    #expect(SlashCommand.isCommand(text) == (text == "/"))
  }

  @Test(arguments: ["/help", "/?", "/hlep", "/Help", "/xyzzy", "/tmp is full", "/system a\n/b/c"])
  func `a command, or what looks like one, is not`(text: String) {
    #expect(SlashCommand.isCommand(text))
  }

  @Test func `what no command is near to stays to be sent, and the way to send it is said`() {
    var state = ScreenState.chat()
    #expect(state.type("/tmp is full, why?\n") == [])
    #expect(state.editor.text == "/tmp is full, why?")
    #expect(state.passages.last?.text.contains("a space in front") == true)
    _ = state.update(.key(.home))
    #expect(state.type(" \n") == [.submit(" /tmp is full, why?")])
    state = ScreenState.chat()
    #expect(state.type("/hlep\n") == [])
    #expect(state.editor.text.isEmpty)
  }

  @Test func `Tab completes commands, parameters and themes`() {
    #expect(SlashCommand.completions(of: "/ex").contains("/exit-policy "))
    #expect(SlashCommand.completions(of: "/set top") == ["/set top_k ", "/set top_p "])
    #expect(SlashCommand.completions(of: "/mode i") == ["/mode identical"])
    #expect(
      SlashCommand.completions(of: "/theme d", themes: ["dark", "dusk", "light"]) == [
        "/theme dark", "/theme dusk",
      ])
    #expect(SlashCommand.completions(of: "hello") == [])
    #expect(SlashCommand.completions(of: "/nonsense x") == [])
  }

  @Test func `every command is in the help and completes from its first letters`() {
    for form in SlashCommand.forms {
      for name in form.names where name.count > 2 {
        let offered = SlashCommand.completions(of: String(name.dropLast()))
        #expect(offered.contains { $0.hasPrefix(name) }, "\(name)")
      }
      #expect(!form.summary.isEmpty && !form.summary.hasSuffix("."))
    }
  }
}
