import CLibFuzzer
import Foundation

/// `Fuzzer TARGET …` hands bytes to a part of the program until something breaks; what follows the name is
/// libFuzzer's. `Fuzzer seeds FOLDER` writes what each target begins with.
@main
enum Main {
  static func main() throws {
    let words = CommandLine.arguments
    if words.count == 3, words[1] == "seeds" { return try writeSeeds(into: words[2]) }
    guard words.count > 1, let target = FuzzTarget.all.first(where: { $0.name == words[1] }) else {
      print(FuzzTarget.all.map(\.name).joined(separator: " "))
      return
    }
    Running.target = target
    // libFuzzer leaves a signal alone that somebody answers, as Swift's runtime may, and keeps no input then.
    for number in [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] { signal(number, SIG_DFL) }
    let flags = [words[0], "-max_len=\(target.greatestLength)"] + words.dropFirst(2)
    var arguments = flags.map { strdup($0) } + [nil]
    exit(
      arguments.withUnsafeMutableBufferPointer { arguments in
        var count = Int32(flags.count)
        var given = arguments.baseAddress
        return LLVMFuzzerRunDriver(&count, &given) { data, size in
          Running.target?.run(Array(UnsafeBufferPointer(start: data, count: size)))
          return 0
        }
      })
  }

  private static func writeSeeds(into folder: String) throws {
    for target in FuzzTarget.all {
      let place = URL(filePath: folder).appending(path: target.name)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      for (index, seed) in target.seeds().enumerated() {
        try Data(seed).write(to: place.appending(path: "seed-\(index)"))
      }
    }
  }
}

/// What libFuzzer's callbacks find, since they have no place for it: one thread calls them.
enum Running {
  nonisolated(unsafe) static var target: FuzzTarget?
}

/// Ends the program where a claim is false, so that libFuzzer keeps the input.
func claim(_ isTrue: Bool, _ words: @autoclosure () -> String) {
  if isTrue { return }
  FileHandle.standardError.write(Data("claim: \(words())\n".utf8))
  abort()
}
