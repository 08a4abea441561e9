import Foundation
import Testing

struct DocumentationTests {
  @Test func `every declaration that other rooms see says what it is`() {
    var count = 0
    let requirements = Self.requirements
    for file in SourceTree.swiftSources {
      let lines = file.lines
      for (index, line) in lines.enumerated() where Self.isDeclaration(line) {
        if let name = Self.memberName(line), requirements.contains(name) { continue }
        count += 1
        let before = lines[..<index].last { !$0.contains(/^\s*(@|\/\/ swift-format-ignore)/) }
        #expect(before?.contains(/^\s*\/\/\//) == true, "\(file):\(index + 1) \(line)")
      }
    }
    #expect(count > 100)
  }

  @Test func `every technique says where it comes from, what it needs and what it costs`() {
    let policies = /\bstruct\s.*:.*\b(DepthPolicy|ExitTechnique|Drafter|ModelDrafter)\b/
    let rows = /^extension (DraftTechnique|ReachTechnique) \{/
    let techniques = SourceTree.swiftSources.filter { file in
      file.room == "Techniques"
        && file.code.contains { $0.contains(policies) || $0.contains(rows) }
        && !file.path.hasSuffix("+Notation.swift") && !file.path.hasSuffix("Technique.swift")
    }
    #expect(techniques.count >= 15)
    for file in techniques {
      let header = file.lines.prefix(5)
      for (line, label) in zip(header, ["Source:", "Decides:", "Needs:", "Costs:", "Exact?"]) {
        #expect(line.hasPrefix("// \(label) "), "\(file): \(label)")
      }
      let types = file.code.count { $0.contains(/^\s*(package|public)?\s*struct\s/) }
      #expect(types <= 1, "\(file) holds one technique")
    }
  }

  @Test func `what the documents tell to type exists`() {
    let makefile = SourceTree.text("Makefile") ?? ""
    let targets = Set(makefile.matches(of: /(?m)^([a-z-]+):/).map { String($0.1) })
    // A test of the program holds this page to what the program says of itself.
    let manual = SourceTree.text("docs/COMMANDS.md") ?? ""
    let commands = Set(manual.matches(of: /(?m)^### fathom ([a-z-]+)/).map { String($0.1) })
    let slashCommands = Set(manual.matches(of: /\/[a-z?][a-z-]*/).map { String($0.0) })
    // What no help shows: the parser's own, and flags of variables and the config file taken back.
    let unlisted = ["--generate-completion-script", "--no-NAME", "--no-plain", "--history"]
    let options = Set(Self.options(in: manual) + unlisted)
    var count = 0
    for document in SourceTree.documents where document.path != "docs/COMMANDS.md" {
      for typed in Self.typed(in: document.text) {
        let words = typed.split(separator: " ").map(String.init)
        guard let first = words.first else { continue }
        let isOfFathom = first == "fathom" || first.hasSuffix("/fathom")
        if words.count > 1, words[1].contains(/^[a-z]/), isOfFathom || first == "make" {
          count += 1
          #expect((isOfFathom ? commands : targets).contains(words[1]), "\(document): \(typed)")
        }
        if isOfFathom || first.hasPrefix("-") {
          for option in Self.options(in: typed) {
            #expect(options.contains(option), "\(document): \(option)")
          }
        }
        if first.contains(/^\/[a-z-]+$/) {
          #expect(slashCommands.contains(first), "\(document): \(first)")
        }
      }
    }
    #expect(count > 30)
  }

  @Test func `what the documents point to is there`() {
    #expect(SourceTree.documents.count >= 3)
    for document in SourceTree.documents {
      let page = SourceTree.root.appending(path: document.path)
      for match in document.text.matches(of: /\]\(([^)#\s]*)(?:#([^)\s]+))?[^)]*\)/) {
        let (target, anchor) = (String(match.1), match.2.map(String.init))
        if target.contains("://") || target.hasPrefix("mailto:") { continue }
        let file = target.isEmpty ? page : page.deletingLastPathComponent().appending(path: target)
        let exists = FileManager.default.fileExists(atPath: file.path)
        #expect(exists, "\(document) points to \(target)")
        if let anchor {
          let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
          #expect(Self.anchors(in: text).contains(anchor), "\(document): \(target)#\(anchor)")
        }
      }
    }
  }

  @Test func `the types and files that the documents name are there`() {
    let files = Set(SourceTree.code.map { URL(filePath: $0.path).lastPathComponent })
    let code = SourceTree.code.map { $0.path + $0.text }.joined()
    var count = 0
    for document in SourceTree.documents {
      for match in document.text.matches(
        of: /`([A-Z][A-Za-z]*[a-z][A-Z][A-Za-z]*)(\+[A-Za-z]+)?(\.swift)?`/)
      {
        let name = String(match.1)
        let isThere =
          match.2 == nil && match.3 == nil
          ? code.contains(name) : files.contains(name + (match.2 ?? "") + ".swift")
        count += 1
        #expect(isThere, "\(document) names \(match.0)")
      }
    }
    #expect(count > 50)
  }

  /// Where links into a page may lead: its headings, as GitHub spells them.
  private static func anchors(in text: String) -> Set<String> {
    let headings = text.matches(of: /(?m)^#+ (.*)$/).map { $0.1.lowercased() }
    return Set(
      headings.map { heading in
        heading.filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
          .replacing(" ", with: "-")
      })
  }

  /// Whether the line begins a declaration that other modules can use. What a protocol of the
  /// standard library asks for (`description`, `rawValue`) is documented there.
  private static func isDeclaration(_ line: Substring) -> Bool {
    guard line.contains("package ") || line.contains("public ") else { return false }
    return line.contains(
      /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:nonisolated(?:\(unsafe\))?\s+)?(?:package|public)\s+(?!import\b)/
    ) && !line.contains(/\b(?:var description: String|rawValue: \w+)/)
  }

  /// The name of the function or variable that the line declares.
  private static func memberName(_ line: Substring) -> String? {
    line.firstMatch(of: /\b(?:func|var) (\w+)/).map { String($0.1) }
  }

  /// The names of what the package's protocols ask for; a type that gives it need not say it again.
  private static var requirements: Set<String> {
    var names: Set<String> = []
    for file in SourceTree.swiftSources {
      var isInside = false
      for line in file.lines {
        if line.contains("protocol "), line.contains(/^(?:package |public )?protocol\b/) {
          isInside = true
        }
        if line.hasPrefix("}") { isInside = false }
        if isInside, let name = memberName(line) { names.insert(name) }
      }
    }
    return names
  }

  @Test func `the documents say block and not layer`() {
    // The glossary names the field's words beside ours.
    for document in SourceTree.documents where document.path != "docs/GLOSSARY.md" {
      let prose = document.text.replacing(/(?s)```.*?```/, with: "").replacing(/`[^`]+`/, with: "")
      let line = prose.split(separator: "\n").first { $0.contains(/(?i)\blayers?\b/) }
      #expect(line == nil, "\(document): \(line ?? "")")
    }
  }

  @Test func `the example of a documentation catalogue is compiled, and its links lead somewhere`()
  {
    #expect(SourceTree.catalogues.count >= 2)
    for catalogue in SourceTree.catalogues {
      let test = SourceTree.text("Tests/\(catalogue.room)Tests/ExampleTests.swift") ?? ""
      let compiled = Self.withoutIndentation(test)
      let examples = catalogue.text.matches(of: /(?s)```swift\n(.*?)```/).map { String($0.1) }
      #expect(!examples.isEmpty, "\(catalogue)")
      for example in examples {
        #expect(compiled.contains(Self.withoutIndentation(example)), "\(catalogue): \(example)")
      }
      let code = SourceTree.swiftSources.filter { $0.room == catalogue.room }.map(\.text).joined()
      for name in catalogue.text.matches(of: /- ``(\w+)``/).map(\.1) {
        #expect(
          code.contains(" struct \(name)") || code.contains(" enum \(name)")
            || code.contains(" protocol \(name)"), "\(catalogue): \(name)")
      }
    }
  }

  private static func withoutIndentation(_ text: String) -> String {
    text.replacing(/(?m)^ +/, with: "")
  }

  /// Words that begin with one or two hyphens and go on with a letter.
  private static func options(in text: String) -> [String] {
    text.split { !$0.isLetter && !$0.isNumber && $0 != "-" }.map(String.init)
      .filter { $0.contains(/^--?[a-z]/) }
  }

  /// The command lines in code blocks and between back-ticks.
  private static func typed(in text: String) -> [String] {
    let inline = text.matches(of: /`([^`\n]+)`/).map { String($0.1) }
    let blocks = text.matches(of: /(?s)```(?:sh|console|bash)\n(.*?)```/)
      .flatMap { $0.1.split(separator: "\n") }
      .map { String($0).replacing(#/^\$ /#, with: "").replacing(/\s+#.*/, with: "") }
    return inline + blocks
  }
}
