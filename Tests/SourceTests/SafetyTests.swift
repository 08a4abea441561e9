import Testing

struct SafetyTests {
  @Test func `only mapped bytes and the pool of threads are sent unchecked`() {
    let allowed: Set = ["Sources/GGUF/MappedBytes.swift", "Sources/Kernels/ThreadPool.swift"]
    for file in SourceTree.swiftSources where !allowed.contains(file.path) {
      for (index, line) in file.code.enumerated() {
        #expect(!line.contains("@unchecked"), "\(file):\(index + 1)")
      }
    }
  }

  @Test func `outside the rooms of the kernels, what the checker cannot see says its guard`() {
    for file in SourceTree.swiftSources where !["Kernels", "Transformer"].contains(file.room) {
      for (index, line) in file.code.enumerated() where line.contains("nonisolated(unsafe)") {
        let isExplained = file.lines[max(0, index - 1)...index].contains { $0.contains("//") }
        #expect(isExplained, "\(file):\(index + 1)")
      }
    }
  }

  @Test func `nothing ends the program on purpose`() {
    for file in SourceTree.swiftSources {
      for (index, line) in file.code.enumerated() {
        let ending = ["fatalError(", "try!", " as! ", "abort()"].first { line.contains($0) }
        #expect(ending == nil, "\(file):\(index + 1)")
      }
    }
  }

  @Test func `files and standard streams are written in one room`() {
    for file in SourceTree.swiftSources where !["Files", "TestSupport"].contains(file.room) {
      for (index, line) in file.code.enumerated() {
        let other = [
          ".atomic", "FileHandle.standard", "expandingTildeInPath", ".write(to: URL",
          "homeDirectoryForCurrentUser",
        ].first { line.contains($0) }
        #expect(other == nil && !line.contains(/(^|[^.\w])print\(/), "\(file):\(index + 1)")
      }
    }
  }

  @Test func `curses stays behind its wall`() {
    for file in SourceTree.code where file.path != "Sources/CScreen/cscreen.c" {
      for (index, line) in file.lines.enumerated() where line.contains("curses") {
        #expect(!line.contains(/^\s*#\s*include\s*[<"].*curses/), "\(file):\(index + 1)")
      }
    }
  }
}
