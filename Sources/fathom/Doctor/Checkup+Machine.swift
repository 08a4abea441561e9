import Foundation
import Inference
import Kernels
import Reports
import Shell

extension Checkup {
  /// Processor, kernels, threads, memory.
  mutating func lookAtMachine(environment: [String: String]) {
    ok("processor", Host.processor)
    lookAtKernels(environment)
    lookAtThreads()
    lookAtMemory()
  }

  private mutating func lookAtKernels(_ environment: [String: String]) {
    let names = KernelSet.names.filter { KernelSet(named: $0) != nil }
    let words = names.joined(separator: ", ")
    if let name = environment["FATHOM_SIMD"], !name.isEmpty {
      if names.contains(name) {
        ok("kernels", "\(name), as FATHOM_SIMD says, of \(words)")
      } else {
        fail("kernels", "FATHOM_SIMD is \(name)", "This machine can run \(words)")
      }
    } else if KernelSet.best.description == "scalar" {
      warn(
        "kernels", "scalar: this processor has no instructions for many numbers at once",
        "It works, several times slower; another machine is faster")
    } else {
      ok("kernels", "\(KernelSet.best), of \(words)")
    }
  }

  private mutating func lookAtThreads() {
    let there = ProcessInfo.processInfo.processorCount
    let threads = Host.threads(asked: nil).count
    let words = "\(threads) threads; \(there) processors, \(Processors.available) for this process"
    if Processors.available < there {
      warn(
        "threads", words,
        "An affinity mask (taskset) or a quota of the container keeps the others away")
    } else {
      ok("threads", words)
    }
  }

  private mutating func lookAtMemory() {
    let total = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    guard let free = Self.freeMemory else { return ok("memory", total.megabytes) }
    let words = "\(free.megabytes) of \(total.megabytes) free"
    if free < 400 << 20 {
      warn("memory", words, "Close other programs: the default model needs about 400 MB")
    } else {
      ok("memory", words)
    }
  }

  /// Bytes that can be had without pushing others out, where the system tells.
  static var freeMemory: Int? {
    let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
  }
}
