import Foundation
import Testing

/// Imports go down only. The compiler holds targets to the manifest; this holds the manifest to the
/// design, and the walls that matter most have a test of their own.
struct RoomTests {
  /// The modules of this package and of others that a room may import.
  private static let rooms: [String: Set<String>] = [
    "Dials": [],
    "Events": ["Dials", "Techniques"],
    "Reports": ["Dials"],
    "Files": [],
    "Lessons": ["Dials", "Events", "Files", "Reports"],
    "GGUF": ["Files"],
    "Jinja": [],
    "Tokenization": ["Dials", "GGUF", "Jinja"],
    "Corpus": ["Dials", "Files", "Tokenization", "Subprocess"],
    "Kernels": ["CKernels"],
    "Transformer": ["Dials", "GGUF", "Kernels", "CKernels"],
    "Techniques": ["Dials"],
    "Inference": [
      "Dials", "Events", "GGUF", "Kernels", "Tokenization", "Techniques", "Transformer",
    ],
    "Evaluation": [
      "Corpus", "Dials", "Events", "Files", "Inference", "Kernels", "Reports", "Techniques",
      "Tokenization", "Transformer",
    ],
    "Pruning": [
      "Corpus", "Dials", "Evaluation", "Events", "Files", "GGUF", "Inference", "Kernels", "Models",
      "Reports", "Tokenization", "Training", "Transformer",
    ],
    "Training": [
      "Corpus", "Dials", "Events", "Files", "GGUF", "Inference", "Kernels", "CKernels", "Reports",
      "Tokenization", "Transformer", "Accelerate",
    ],
    "Sessions": ["Events", "Files", "GRDB", "CBzip2"],
    "Models": ["Files", "GGUF", "Reports", "CLibCrypto", "CryptoKit", "Subprocess"],
    "Screen": [
      "Dials", "Events", "Files", "Lessons", "Reports", "Techniques", "BuiltInThemes", "CScreen",
      "CUTF8Proc",
    ],
    "Chat": [
      "Corpus", "Dials", "Evaluation", "Events", "Files", "GGUF", "Inference", "Models", "Pruning",
      "Reports", "Sessions", "Techniques", "Tokenization", "Transformer",
    ],
    "Shell": ["Files", "Reports"],
    "fathom": [
      "Chat", "Corpus", "Dials", "Events", "Evaluation", "Files", "GGUF", "Inference", "Kernels",
      "Lessons", "Models", "Pruning", "Reports", "Screen", "Sessions", "Shell", "Techniques",
      "Tokenization", "Training", "Transformer", "ArgumentParser", "Subprocess",
    ],
    "GrowthBenchmarks": [
      "CAllocations", "Chat", "Corpus", "Dials", "Events", "Files", "GGUF", "Inference",
      "Reports", "Screen", "Sessions", "Techniques", "Tokenization",
    ],
    "TestSupport": ["CAllocations", "Dials", "Events", "GGUF", "Techniques", "Testing"],
  ]

  /// What comes with the toolchain and the system.
  private static let system: Set = [
    "Foundation", "FoundationEssentials", "Synchronization", "Dispatch", "Glibc", "Musl", "Darwin",
    "RegexBuilder", "System", "SystemPackage",
  ]

  @Test func `every room imports what lies below it and nothing else`() {
    for file in SourceTree.swiftSources {
      guard let allowed = Self.rooms[file.room] else {
        Issue.record("\(file) lies in a room that the table does not know")
        continue
      }
      for module in Self.imports(of: file) where !Self.system.contains(module) {
        #expect(allowed.contains(module), "\(file) imports \(module)")
      }
    }
  }

  @Test func `what the table lists is needed`() {
    var used: [String: Set<String>] = [:]
    for file in SourceTree.swiftSources {
      used[file.room, default: []].formUnion(Self.imports(of: file))
    }
    for (room, listed) in Self.rooms {
      let idle = listed.subtracting(used[room] ?? [])
      #expect(idle.isEmpty, "no file of \(room) imports \(idle.sorted())")
    }
  }

  /// Packages that build some rooms in their own way list them again.
  @Test(arguments: ["Fuzz", "Fuzz/Threads", "Benchmarks"])
  func `another package gives its rooms what they import`(package: String) throws {
    let manifest = try String(
      contentsOf: SourceTree.root.appending(path: package + "/Package.swift"), encoding: .utf8)
    let listed = manifest.matches(of: /room\(\s*"(\w+)"(?:,\s*\[([^\]]*)\])?/)
    #expect(listed.count > 3)
    for room in listed {
      let given = String(room.output.2 ?? "")
      for file in SourceTree.swiftSources where file.room == String(room.output.1) {
        for module in Self.imports(of: file) where Self.rooms[module] != nil {
          #expect(given.contains("\"\(module)\""), "\(package): \(file) imports \(module)")
        }
      }
    }
  }

  @Test func `the table itself points down only`() {
    var remaining = Self.rooms
    while let leaf = remaining.first(where: { $0.value.isDisjoint(with: remaining.keys) }) {
      remaining[leaf.key] = nil
    }
    #expect(remaining.isEmpty, "\(remaining.keys) import one another")
  }

  @Test func `the screen sees records and never the engine`() {
    let engine: Set = ["Inference", "Transformer", "Kernels", "Tokenization", "GGUF"]
    for file in SourceTree.swiftSources where file.room == "Screen" {
      #expect(engine.isDisjoint(with: Self.imports(of: file)), "\(file)")
    }
  }

  @Test func `the vocabulary and the techniques need no system at all`() {
    let files = SourceTree.swiftSources.filter { ["Dials", "Techniques"].contains($0.room) }
    #expect(files.count > 10)
    for file in files { #expect(Set(Self.imports(of: file)).isSubset(of: ["Dials"]), "\(file)") }
  }

  @Test func `no source but tests' support imports a test library, none looks inside a module`() {
    for file in SourceTree.swiftSources where file.room != "TestSupport" {
      #expect(!Self.imports(of: file).contains { ["Testing", "XCTest"].contains($0) }, "\(file)")
    }
    for file in SourceTree.code where file.path.hasSuffix(".swift") {
      #expect(!file.code.contains { $0.contains("@testable") }, "\(file)")
    }
  }

  private static func imports(of file: SourceTree.File) -> [String] {
    file.code.compactMap { line in
      guard line.contains("import ") else { return nil }
      let words = line.firstMatch(
        of:
          /^\s*(?:@\w+\s+)*(?:(?:package|public|internal|private|fileprivate)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/
      )
      return words.map { String($0.1) }
    }
  }
}
