import Dials
import Foundation
import Techniques
import TestSupport
import Testing

struct ReachSettingTests {
  @Test(arguments: [
    ("off", ReachSetting.full), ("full", .full), ("1024", ReachSetting(.lambda, window: 1024)),
    ("lambda 512 sinks 4", ReachSetting(.lambda, window: 512, sinks: 4)),
    ("sliding, 256", ReachSetting(.sliding, window: 256)),
    ("1024 cache-index", ReachSetting(.lambda, window: 1024, distance: .cacheIndex)),
    ("lookups 5 64 sinks 0", ReachSetting(.lambda, window: 64, sinks: 0, lookups: 5)),
  ])
  func `a window is read as people write it`(text: String, setting: ReachSetting) throws {
    #expect(try ReachSetting.parse(text) == setting)
  }

  @Test(arguments: ["", "wide", "lambda x", "sinks", "1024 512", "off 3", "sinks four 9", "full 9"])
  func `what is no window is refused with the notation`(text: String) {
    let error = #expect(throws: DialError.self) { try ReachSetting.parse(text) }
    #expect(error?.code == .notation)
    #expect(error?.remedy.contains("1024") == true)
  }

  @Test(arguments: ["0", "-3", "8 sinks 9", "8 sinks -1", "64 lookups -1"])
  func `a window that sees nothing, or less than its first positions, is refused`(text: String) {
    let error = #expect(throws: DialError.self) { try ReachSetting.parse(text) }
    #expect(error?.code == .range)
  }

  @Test func `what is not named stays as it was`() throws {
    let current = ReachSetting(.lambda, window: 300, sinks: 7, distance: .cacheIndex)
    var narrower = current
    narrower.window = 100
    #expect(try ReachSetting.parse("100", current: current) == narrower)
    narrower.sinks = 5
    narrower.window = 5
    #expect(try ReachSetting.parse("5", current: current) == narrower)
    #expect(
      try ReachSetting.parse("sliding", current: current)
        == ReachSetting(.sliding, window: 300, distance: .cacheIndex))
  }

  @Test func `a model is not asked for distances that it never saw`() throws {
    try ReachSetting(.lambda, window: 64).check(trainedLength: 64)
    try ReachSetting.full.check(trainedLength: 64)
    let error = #expect(throws: DialError.self) {
      try ReachSetting(.lambda, window: 65).check(trainedLength: 64)
    }
    #expect(error?.description.contains("64 positions") == true)
  }

  @Test func `window and first positions never overlap and never see the future`() {
    var generator = SeededGenerator(seed: 6)
    for _ in 0..<500 {
      let window = Int.random(in: 1...40, using: &generator)
      let setting = ReachSetting(
        .lambda, window: window, sinks: .random(in: 0...window, using: &generator))
      let position = Int.random(in: 0...100, using: &generator)
      let (local, sinks) = (setting.local(at: position), setting.sinks(at: position))
      #expect(local.contains(position) && local.upperBound == position + 1)
      #expect(local.count == min(window, position + 1))
      #expect(!local.overlaps(sinks) && sinks.count <= setting.sinks)
      #expect(setting.attended(at: position) == local.count + sinks.count)
      if position < window { #expect(setting.attended(at: position) == position + 1) }
    }
  }

  @Test func `a setting survives a record, and one of an older version is full`() throws {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<100 {
      let setting = ReachSetting(
        ReachSetting.Technique.allCases.randomElement(using: &generator) ?? .full,
        window: .random(in: 1...9000, using: &generator),
        sinks: .random(in: 0...40, using: &generator),
        distance: Bool.random(using: &generator) ? .capped : .cacheIndex,
        lookups: .random(in: 0...9, using: &generator))
      let dials = DialSettings(reach: setting)
      let data = try JSONEncoder().encode(dials)
      #expect(try JSONDecoder().decode(DialSettings.self, from: data) == dials)
    }
    let old = #"{"pruned":[],"exit":{"off":{}},"mode":"identical","draftLength":4}"#
    let dials = try JSONDecoder().decode(DialSettings.self, from: Data(old.utf8))
    #expect(dials.reach == .full)
  }

  @Test func `what a setting spells is read back as the same setting`() throws {
    var generator = SeededGenerator(seed: 8)
    for technique in ReachSetting.Technique.allCases {
      for distance in ReachSetting.Distance.allCases {
        let window = Int.random(in: 1...9000, using: &generator)
        let setting = ReachSetting(
          technique, window: window, sinks: .random(in: 0...min(window, 40), using: &generator),
          distance: distance,
          lookups: distance == .capped ? .random(in: 0...9, using: &generator) : 0,
          memory: .random(in: 0...900, using: &generator))
        #expect(try ReachSetting.parse(setting.spelling) == setting, "\(setting)")
      }
    }
  }

  @Test func `a limited reach has a contract of its own`() {
    let reach = ReachSetting(.lambda, window: 64)
    #expect(DialSettings(reach: reach).contract == .window)
    #expect(DialSettings(pruned: BlockSet(indices: [1]), reach: reach).contract == .approximate)
    #expect(DialSettings(reach: .full).contract == .identical)
  }
}
