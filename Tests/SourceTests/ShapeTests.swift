import Testing

/// How large files, types and functions may be. What is larger today has its size as a ceiling, and leaves
/// the list when it is small enough.
struct ShapeTests {
  private static let typeLimit = 600
  private static let largeTypes: [String: Int] = [:]

  private static let functionLimit = 60
  private static let longFunctions: [String: Int] = [:]

  @Test func `no file is longer than 400 lines`() {
    #expect(SourceTree.code.count > 50)
    for file in SourceTree.code { #expect(file.lineCount <= 400, "\(file)") }
  }

  @Test func `half of the Swift files have no more than 100 lines`() {
    let counts = SourceTree.swiftSources.map(\.lineCount).sorted()
    #expect(counts[counts.count / 2] <= 100)
  }

  @Test func `no file is called after nothing in particular`() {
    for file in SourceTree.code {
      #expect(!file.path.contains(/(?i)(utils?|helpers?|common|misc|manager)\./), "\(file)")
    }
  }

  @Test func `declarations are found with their lines`() {
    let file = SourceTree.File(
      path: "Sources/Room/File.swift",
      text: """
        struct A {
          init?(_ f: () -> Int = { 1 }) {
            if f() > 0 { print("}") }  // }
          }
          var b: Int { 1 }
        }
        protocol P { func p() }
        extension A.B: P where A: P {
          package static func p(
            _ x: Int
          ) -> Int {
            x
          }
          struct C {}
        }
        """)
    let (found, openBraces) = file.declarations
    #expect(openBraces == 0)
    #expect(
      found.map { "\($0.kind) \($0.name) \($0.lines) \($0.depth)" } == [
        "init  1..<4 1", "struct A 0..<6 0", "protocol P 6..<7 0", "func p 8..<13 1",
        "struct C 13..<14 1", "extension A.B 7..<15 0",
      ])
    #expect(found.last?.outerType == "A")
  }

  @Test func `a type has at most 600 lines in all its extensions`() {
    var sizes: [String: Int] = [:]
    for file in SourceTree.swiftSources {
      let (found, openBraces) = file.declarations
      #expect(openBraces == 0, "\(file) has braces that nobody closes")
      for declaration in found where declaration.isType && declaration.depth == 0 {
        sizes["\(file.room).\(declaration.outerType)", default: 0] += declaration.lineCount
      }
    }
    #expect(sizes.count > 300)
    expect(sizes, limit: Self.typeLimit, ceilings: Self.largeTypes)
  }

  @Test func `a function has at most 60 lines`() {
    var sizes: [String: Int] = [:]
    for file in SourceTree.swiftSources {
      for declaration in file.declarations.found where !declaration.isType {
        let place = "\(file) \(declaration.name.isEmpty ? declaration.kind : declaration.name)"
        sizes[place] = max(sizes[place] ?? 0, declaration.lineCount)
      }
    }
    #expect(sizes.count > 1000)
    expect(sizes, limit: Self.functionLimit, ceilings: Self.longFunctions)
  }

  /// Expects every size to be within the limit or its ceiling, and every ceiling to be needed.
  private func expect(_ sizes: [String: Int], limit: Int, ceilings: [String: Int]) {
    let offenders = sizes.filter { $0.value > ceilings[$0.key] ?? limit }
      .sorted { $0.value > $1.value }.map { "\($0.key): \($0.value)" }
    #expect(offenders.isEmpty, "longer than \(limit) lines or than their ceiling: \(offenders)")
    let outgrown = ceilings.keys.filter { (sizes[$0] ?? 0) <= limit }.sorted()
    #expect(outgrown.isEmpty, "take these out of the list of ceilings: \(outgrown)")
  }
}
