import Kernels
import Testing

struct ProcessorsTests {
  private static let unified =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate"
  private static let separate =
    "31 23 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    + "32 23 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"

  private func quota(_ files: [String: String]) -> Double? {
    ControlGroup { files[$0] }.processors
  }

  @Test func `there is at least one`() {
    #expect(Processors.available >= 1)
    #expect(Processors.available(allowed: 0, quota: nil) == 1)
    #expect(Processors.available(allowed: 4, quota: 0.1) == 1)
  }

  @Test(arguments: [(8, 2.0, 2), (8, 1.4, 1), (8, 1.5, 2), (2, 8.0, 2), (3, 0.0, 1), (3, 2.6, 3)])
  func `a quota below the processors holds, rounded to the nearest`(
    allowed: Int, quota: Double, expected: Int
  ) {
    #expect(Processors.available(allowed: allowed, quota: quota) == expected)
  }

  @Test func `the least quota on the way up holds`() {
    let files = [
      "/proc/self/cgroup": "0::/user.slice/chat.scope\n", "/proc/self/mountinfo": Self.unified,
      "/sys/fs/cgroup/user.slice/chat.scope/cpu.max": "max 100000\n",
      "/sys/fs/cgroup/user.slice/cpu.max": "150000 100000\n",
    ]
    #expect(quota(files) == 1.5)
    var tighter = files
    tighter["/sys/fs/cgroup/user.slice/chat.scope/cpu.max"] = "20000 50000\n"
    #expect(quota(tighter) == 0.4)
    tighter["/sys/fs/cgroup/cpu.max"] = "10000 100000"
    #expect(quota(tighter) == 0.1)
  }

  @Test func `a container's own group is the top of what is mounted`() {
    let inner = Self.unified.replacing("0:26 /", with: "0:26 /docker/1f2e")
    for path in ["/docker/1f2e", "/", "/../elsewhere", "/docker/1f2e/job"] {
      #expect(
        quota([
          "/proc/self/cgroup": "0::\(path)\n", "/proc/self/mountinfo": inner,
          "/sys/fs/cgroup/cpu.max": "300000 100000\n",
        ]) == 3, "\(path)")
    }
  }

  @Test func `groups of version 1 say it in two files`() {
    let folder = "/sys/fs/cgroup/cpu,cpuacct/docker"
    let files = [
      "/proc/self/cgroup": "5:memory:/docker\n4:cpu,cpuacct:/docker\n1:name=systemd:/\n0::/\n",
      "/proc/self/mountinfo": Self.separate, "\(folder)/cpu.cfs_quota_us": "250000\n",
      "\(folder)/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/memory/docker/cpu.cfs_quota_us": "1000\n",
      "/sys/fs/cgroup/memory/docker/cpu.cfs_period_us": "100000\n",
    ]
    #expect(quota(files) == 2.5)
    var free = files
    free["\(folder)/cpu.cfs_quota_us"] = "-1\n"
    #expect(quota(free) == nil)
  }

  @Test(arguments: [
    "", "max", "max 100000", "0 100000", "-5 100000", "1 0", "nan 1", "x y", "1 2 3",
  ])
  func `what is no quota is none`(text: String) {
    #expect(
      quota([
        "/proc/self/cgroup": "0::/\n\n:::\nx", "/proc/self/mountinfo": Self.unified + "\n- - -\n",
        "/sys/fs/cgroup/cpu.max": text,
      ]) == nil)
  }

  @Test func `without control groups there is no quota`() { #expect(quota([:]) == nil) }
}
