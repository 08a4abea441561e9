import Foundation
import Kernels

/// The machine, as it names itself.
package enum Host {
  /// `linux` or `macos`.
  package static var system: String {
    #if os(macOS)
      "macos"
    #else
      "linux"
    #endif
  }

  /// The processor's name.
  package static let processor: String = {
    #if os(macOS)
      var size = 0
      sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0)
      var name = [CChar](repeating: 0, count: max(size, 1))
      sysctlbyname("machdep.cpu.brand_string", &name, &size, nil, 0)
      return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    #else
      let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
      let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
      let name = line?.split(separator: ":", maxSplits: 1).last.map(String.init) ?? "unknown"
      return name.trimmingCharacters(in: .whitespaces)
    #endif
  }()

  /// Threads that share a pass, and what a person should know about them.
  package struct Threads: Hashable, Sendable {
    /// How many there are.
    package var count: Int
    /// Why it is not as many as were asked for.
    package var notice: String?

    /// So many threads, of which nothing is to be said.
    package init(count: Int, notice: String? = nil) {
      self.count = count
      self.notice = notice
    }
  }

  /// The threads a pass uses where `asked` were asked for: no more than there are processors for this
  /// process, since more would wait for each other. Where nobody asked, as many as that, at most 16.
  package static func threads(
    asked: Int?, processors: Int = Processors.available
  ) -> Threads {
    guard let asked else { return Threads(count: min(16, processors)) }
    guard asked > processors else { return Threads(count: asked) }
    let processorsThere = processors == 1 ? "1 processor" : "\(processors) processors"
    return Threads(
      count: processors,
      notice:
        "\(asked) threads were asked for; there \(processors == 1 ? "is" : "are") \(processorsThere) "
        + "for this process, and as many threads run: more would wait for each other")
  }
}
