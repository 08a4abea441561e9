import Foundation

/// What this process holds of the machine's memory.
///
/// Linux: `VmRSS`, `VmHWM` and `RssFile` of `/proc/self/status`. macOS: the footprint that Activity
/// Monitor shows, which leaves the pages of files out.
package struct ResidentMemory: Hashable, Sendable {
  /// Bytes held now.
  package var current: Int
  /// The most bytes that were held at any time.
  package var peak: Int
  /// Of `current`, pages of files: of libraries and of the program itself, which other processes can
  /// share and which the system can drop.
  package var files: Int

  /// Known figures.
  package init(current: Int, peak: Int, files: Int) {
    self.current = current
    self.peak = peak
    self.files = files
  }

  /// What this process holds; nil where the system does not say.
  package static func ofThisProcess() -> ResidentMemory? {
    #if canImport(Darwin)
      footprint()
    #else
      (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)).flatMap(
        Self.init(status:))
    #endif
  }

  /// Reads the text of `/proc/self/status`.
  package init?(status: String) {
    func bytes(_ name: String) -> Int? {
      let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
      return line?.split(whereSeparator: \.isWhitespace).dropFirst().first
        .flatMap { Int($0) }.map { $0 * 1024 }
    }
    guard let current = bytes("VmRSS"), let peak = bytes("VmHWM"), let files = bytes("RssFile")
    else { return nil }
    self.init(current: current, peak: peak, files: files)
  }

  #if canImport(Darwin)
    private static func footprint() -> ResidentMemory? {
      var info = task_vm_info_data_t()
      let words = MemoryLayout<task_vm_info_data_t>.size / MemoryLayout<natural_t>.size
      var count = mach_msg_type_number_t(words)
      let status = withUnsafeMutablePointer(to: &info) { pointer in
        pointer.withMemoryRebound(to: integer_t.self, capacity: words) {
          task_info(mach_task_self_, task_flavor_t(TASK_VM_INFO), $0, &count)
        }
      }
      guard status == KERN_SUCCESS else { return nil }
      return ResidentMemory(
        current: Int(info.phys_footprint), peak: Int(info.ledger_phys_footprint_peak), files: 0)
    }
  #endif
}
