/// The processor time that Linux's control groups give this process, as containers and `systemd` set it.
///
/// Of version 2, each group on the way up may have a quota in `cpu.max`; of version 1, in `cpu.cfs_quota_us`.
/// The least of them holds.
package struct ControlGroup {
  /// The text of a file; nil where there is none.
  private let read: (String) -> String?

  /// The groups of the process whose files `read` gives.
  package init(reading read: @escaping (String) -> String?) { self.read = read }

  /// Processors' worth of time, if there is a limit.
  package var processors: Double? {
    let groups = lines("/proc/self/cgroup").compactMap(Membership.init)
    let mounts = lines("/proc/self/mountinfo").compactMap(Mount.init)
    var limits: [Double] = []
    for group in groups {
      for mount in mounts where mount.holds(group) {
        for folder in mount.folders(to: group.path) {
          if let limit = group.isUnified ? unifiedLimit(folder) : separateLimit(folder) {
            limits.append(limit)
          }
        }
      }
    }
    return limits.min()
  }

  private func lines(_ path: String) -> [Substring] { (read(path) ?? "").split(separator: "\n") }

  /// `150000 100000`: microseconds in each period, and its length; `max` is no limit.
  private func unifiedLimit(_ folder: String) -> Double? {
    let words = (read("\(folder)/cpu.max") ?? "").split(whereSeparator: \.isWhitespace)
    guard words.count == 2 else { return nil }
    return Self.limit(words[0], of: words[1])
  }

  /// The same in two files; -1 is no limit.
  private func separateLimit(_ folder: String) -> Double? {
    guard
      let quota = read("\(folder)/cpu.cfs_quota_us")?.split(whereSeparator: \.isWhitespace).first,
      let period = read("\(folder)/cpu.cfs_period_us")?.split(whereSeparator: \.isWhitespace).first
    else { return nil }
    return Self.limit(quota, of: period)
  }

  private static func limit(_ quota: Substring, of period: Substring) -> Double? {
    guard let quota = Double(quota), let period = Double(period), quota > 0, period > 0 else {
      return nil
    }
    let limit = quota / period
    return limit.isFinite ? limit : nil
  }
}

/// A line of `/proc/self/cgroup`, of the unified hierarchy or of the one that shares out processors:
/// `0::/user.slice` or `4:cpu,cpuacct:/docker/1f2e`.
private struct Membership {
  let isUnified: Bool
  let path: String

  init?(_ line: Substring) {
    let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    isUnified = parts[1].isEmpty
    guard isUnified || parts[1].split(separator: ",").contains("cpu") else { return nil }
    path = String(parts[2])
  }
}

/// A line of `/proc/self/mountinfo`: `30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw`.
private struct Mount {
  private let root: String
  private let point: String
  private let system: String
  private let options: [Substring]

  init?(_ line: Substring) {
    let words = line.split(separator: " ")
    guard let dash = words.firstIndex(of: "-"), dash >= 5, words.count > dash + 3 else {
      return nil
    }
    root = String(words[3])
    point = String(words[4])
    system = String(words[dash + 1])
    options = words[dash + 3].split(separator: ",")
  }

  /// Whether the group's files lie below this mount.
  func holds(_ group: Membership) -> Bool {
    group.isUnified ? system == "cgroup2" : system == "cgroup" && options.contains("cpu")
  }

  /// The folders from a group's up to the mount's. In a container only a part of the hierarchy may be
  /// mounted, with the container's own group at its top.
  func folders(to path: String) -> [String] {
    var inner = path.split(separator: "/")
    let outer = root.split(separator: "/")
    if inner.starts(with: outer) { inner.removeFirst(outer.count) } else { inner = [] }
    if inner.contains("..") { inner = [] }
    return (0...inner.count).reversed().map { count in
      inner.prefix(count).reduce(point) { "\($0)/\($1)" }
    }
  }
}
