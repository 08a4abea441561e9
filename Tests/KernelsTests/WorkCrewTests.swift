import Kernels
import Synchronization
import TestSupport
import Testing

@Suite(.serialized) struct WorkCrewTests {
  @Test(arguments: 1...4)
  func `every item is shared out exactly once, phase after phase, run after run`(
    members: Int
  ) {
    var generator = SeededGenerator(seed: 50)
    let crew = WorkCrew(count: members)
    defer { crew.dismiss() }
    for _ in 0..<20 {
      let phases = (0..<40).map { _ in
        Tally.Phase(
          total: .random(in: 0...200, using: &generator),
          chunk: .random(in: 1...17, using: &generator))
      }
      let tally = Tally(phases)
      crew.run(tally)
      #expect(tally.counts.allSatisfy { $0.allSatisfy { $0 == 1 } })
      #expect(tally.counts.map(\.count) == phases.map(\.total))
    }
  }

  @Test(arguments: 1...4)
  func `what a member did before a barrier all members see after it`(members: Int) {
    let crew = WorkCrew(count: members)
    defer { crew.dismiss() }
    let task = Meeting(members: members)
    for _ in 0..<5 { crew.run(task) }
    #expect(task.misses == 0)
  }

  @Test func `members that fell asleep come back for the next task`() async throws {
    let crew = WorkCrew(count: 3)
    defer { crew.dismiss() }
    for _ in 0..<10 {
      let tally = Tally([Tally.Phase(total: 50, chunk: 1)])
      crew.run(tally)
      #expect(tally.counts == [Array(repeating: 1, count: 50)])
      // Far longer than idle members spin.
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  @Test(arguments: [false, true])
  func `a dismissed crew ends its threads, asleep or awake, and is gone`(asleep: Bool) async throws
  {
    weak var remains: WorkCrew?
    do {
      let crew = WorkCrew(count: 4)
      remains = crew
      crew.run(Tally([Tally.Phase(total: 9, chunk: 2)]))
      if asleep { try await Task.sleep(for: .milliseconds(20)) }
      crew.dismiss()
    }
    // A thread holds the crew until it ends.
    for _ in 0..<1000 where remains != nil { try await Task.sleep(for: .milliseconds(10)) }
    #expect(remains == nil)
  }

  @Test(arguments: [1, 2, 3, 5])
  func `the members' own parts make up the whole, in order`(count: Int) {
    let crew = WorkCrew(count: count)
    for total in [0, 1, 4, 60, 3072] {
      let parts = (0..<count).map { crew.part(of: total, member: $0) }
      #expect(parts.flatMap(Array.init) == Array(0..<total))
      #expect((parts.map(\.count).max() ?? 0) - (parts.map(\.count).min() ?? 0) <= 1)
    }
    crew.dismiss()
  }

  @Test func `there is always one member, and a chunk is never empty`() {
    let crew = WorkCrew(count: 0)
    #expect(crew.count == 1)
    for total in [0, 1, 5, 1000] { #expect(crew.chunk(of: total) >= 1) }
  }
}

/// Counts how often each item of each phase is shared out.
private final class Tally: CrewTask {
  struct Phase {
    var total: Int
    var chunk: Int
  }

  private final class Counter: Sendable {
    let value = Atomic<Int>(0)
  }

  private let phases: [Phase]
  private let counters: [[Counter]]

  init(_ phases: [Phase]) {
    self.phases = phases
    counters = phases.map { phase in (0..<phase.total).map { _ in Counter() } }
  }

  var counts: [[Int]] { counters.map { $0.map { $0.value.load(ordering: .acquiring) } } }

  func run(as member: inout CrewMember, of crew: WorkCrew) {
    for (index, share) in phases.enumerated() {
      crew.share(share.total, chunk: share.chunk, by: &member) { part in
        for item in part { counters[index][item].value.add(1, ordering: .relaxed) }
      }
    }
  }
}

/// Each member writes a number, meets the others, and reads theirs.
private final class Meeting: CrewTask {
  private let members: Int
  private let cells: UnsafeMutablePointer<Int>
  private let missed = Atomic<Int>(0)

  init(members: Int) {
    self.members = members
    cells = .allocate(capacity: members)
    cells.initialize(repeating: -1, count: members)
  }

  deinit { cells.deallocate() }

  var misses: Int { missed.load(ordering: .acquiring) }

  func run(as member: inout CrewMember, of crew: WorkCrew) {
    for round in 0..<50 {
      cells[member.index] = round
      crew.barrier(&member)
      for other in 0..<members where cells[other] != round {
        missed.add(1, ordering: .relaxed)
      }
      crew.barrier(&member)
    }
  }
}
