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
    let commands = Set(
      SourceTree.swiftSources.filter { $0.room == "fathom" }
        .flatMap { $0.text.matches(of: /commandName: "([a-z-]+)"/).map { String($0.1) } })
    var count = 0
    for document in SourceTree.documents
    where ["README.md", "CONTRIBUTING.md"].contains(document.path) {
      for typed in Self.typed(in: document.text) {
        let words = typed.split(separator: " ").map(String.init)
        guard words.count > 1, words[1].contains(/^[a-z]/) else { continue }
        if words[0] == "make" {
          count += 1
          #expect(targets.contains(words[1]), "\(document): \(typed)")
        } else if words[0] == "fathom" || words[0].hasSuffix("/fathom") {
          count += 1
          #expect(commands.contains(words[1]), "\(document): \(typed)")
        }
      }
    }
    #expect(count > 0)
  }

  @Test func `what the documents point to is there`() {
    #expect(SourceTree.documents.count >= 3)
    for document in SourceTree.documents {
      let folder = SourceTree.root.appending(path: document.path).deletingLastPathComponent()
      for match in document.text.matches(of: /\]\(([^)#\s]+)[^)]*\)/) {
        let target = String(match.1)
        if target.contains("://") || target.hasPrefix("mailto:") { continue }
        let exists = FileManager.default.fileExists(atPath: folder.appending(path: target).path)
        #expect(exists, "\(document) points to \(target)")
      }
    }
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

  /// The command lines in code blocks and between back-ticks.
  private static func typed(in text: String) -> [String] {
    let inline = text.matches(of: /`([^`\n]+)`/).map { String($0.1) }
    let blocks = text.matches(of: /(?s)```(?:sh|console|bash)\n(.*?)```/)
      .flatMap { $0.1.split(separator: "\n") }
      .map { String($0).replacing(#/^\$ /#, with: "").replacing(/\s+#.*/, with: "") }
    return inline + blocks
  }
}
