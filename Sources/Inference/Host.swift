import Foundation

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

  /// The threads a pass uses where nobody says otherwise: the processors, at most 16.
  package static var usualThreads: Int { min(16, ProcessInfo.processInfo.activeProcessorCount) }
}
