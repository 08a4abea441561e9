import Dials
import Foundation
import Techniques
import Testing

struct DraftSettingTests {
  @Test(
    arguments: [
      ("off", [], nil), ("auto", DraftSetting.auto.sources, nil),
      ("Auto 8", DraftSetting.auto.sources, 8), ("ngram", [.ngram], nil),
      ("recycle, ngram 96", [.ngram, .recycling], 96), ("tr-jacobi", [.released], nil),
      ("exit 1", [.exit], 1), ("jacobi,jacobi", [.jacobi], nil),
      ("auto-timed", DraftSetting.auto.sources, nil),
      ("AUTO-TIMED 8", DraftSetting.auto.sources, 8),
    ] as [(String, [DraftSource], Int?)])
  func `what a person types is a setting that prints itself`(
    text: String, sources: [DraftSource], limit: Int?
  ) throws {
    let setting = try DraftSetting.parse(text)
    let isTimed = text.lowercased().hasPrefix("auto-timed")
    #expect(setting == DraftSetting(sources, limit: limit, isTimed: isTimed))
    #expect(setting.isTimed == isTimed)
    #expect(try DraftSetting.parse(setting.description, current: .off) == setting)
  }

  @Test func `the clock is asked for by one word alone, and a number leaves it asked`() throws {
    #expect(DraftSetting.autoTimed.description == "auto-timed" && DraftSetting.autoTimed.isAuto)
    #expect(try DraftSetting.parse("6", current: .autoTimed).description == "auto-timed 6")
    #expect(try DraftSetting.parse("auto 6", current: .autoTimed).description == "auto 6")
    #expect(try !DraftSetting.parse("ngram", current: .autoTimed).isTimed)
    #expect(!DraftSetting([.ngram], isTimed: true).isTimed)
    for text in ["off-timed", "ngram-timed", "auto-timed,ngram", "timed"] {
      #expect(throws: DialError.self) { try DraftSetting.parse(text) }
    }
  }

  @Test func `a record says that the clock decided, and one that does not say so means no`() throws
  {
    for setting in [
      DraftSetting.auto, .autoTimed, .off,
      DraftSetting(DraftSetting.auto.sources, limit: 3, isTimed: true),
      DraftSetting([.ngram], limit: 9),
    ] {
      let data = try JSONEncoder().encode(setting)
      #expect(String(decoding: data, as: UTF8.self).contains(#""timed":true"#) == setting.isTimed)
      #expect(String(decoding: data, as: UTF8.self).contains("timed") == setting.isTimed)
      #expect(try JSONDecoder().decode(DraftSetting.self, from: data) == setting)
    }
    let names = DraftSetting.auto.sources.map { "\"\($0.rawValue)\"" }.joined(separator: ",")
    let old = Data("{\"sources\":[\(names)],\"limit\":8}".utf8)
    #expect(
      try JSONDecoder().decode(DraftSetting.self, from: old)
        == DraftSetting(DraftSetting.auto.sources, limit: 8))
  }

  @Test func `every selection of sources reads back what it prints`() throws {
    for bits in 0..<(1 << DraftSetting.selectable.count) {
      let sources = DraftSetting.selectable.enumerated().filter { bits >> $0.offset & 1 == 1 }
      for limit in [nil, 1, 17] where !(sources.isEmpty && limit != nil) {
        let setting = DraftSetting(sources.map(\.element), limit: limit)
        #expect(try DraftSetting.parse(setting.description) == setting)
      }
    }
  }

  @Test func `a number alone limits what is set already`() throws {
    let current = DraftSetting([.ngram, .exit], limit: 3)
    #expect(
      try DraftSetting.parse("7", current: current) == DraftSetting([.exit, .ngram], limit: 7))
    #expect(try DraftSetting.parse("7") == DraftSetting(DraftSetting.auto.sources, limit: 7))
  }

  @Test(arguments: [
    ("0", DialError.Code.range, "cannot verify 0"), ("auto -3", .range, "cannot verify -3"),
    ("ngram 97", .range, "wider than a pass"), ("", .notation, "not a draft setting"),
    ("off 3", .notation, "not a draft setting"), ("noise", .notation, "not a draft setting"),
    ("ngram wizard", .notation, "ngram,learned"), ("8 auto", .notation, "not a draft setting"),
  ])
  func `what cannot be set says why and what to write`(
    text: String, code: DialError.Code, words: String
  ) {
    let error = #expect(throws: DialError.self) { try DraftSetting.parse(text) }
    #expect(error?.code == code)
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test func `where nobody drafts there is nothing to limit`() {
    let error = #expect(throws: DialError.self) { try DraftSetting.parse("4", current: .off) }
    #expect(error?.description.contains("Write auto 4") == true)
  }

  @Test func `settings from before there were drafters are read`() throws {
    let old = #"{"pruned":[],"exit":{"off":{}},"mode":"identical","draftLength":4}"#
    let settings = try JSONDecoder().decode(DialSettings.self, from: Data(old.utf8))
    #expect(settings == .plain)
    let new = DialSettings(draft: DraftSetting([.trigram, .lookahead], limit: 5))
    let data = try JSONEncoder().encode(new)
    #expect(try JSONDecoder().decode(DialSettings.self, from: data) == new)
  }

  @Test func `a tree is trimmed to what there is room for`() {
    var tree = DraftTree(chain: (0..<5).map { TokenID($0) }, source: .ngram)
    tree.append(TokenID(9), after: nil, source: .trigram)
    tree.append(TokenID(8), after: 5, source: .trigram)
    #expect(tree.trimmed(depth: 9, count: 99) == tree)
    let flat = tree.trimmed(depth: 1, count: 99)
    #expect(flat.nodes.map(\.token.index) == [0, 9] && flat.nodes.map(\.parent) == [nil, nil])
    let shallow = tree.trimmed(depth: 2, count: 99)
    #expect(shallow.nodes.map(\.token.index) == [0, 1, 9, 8])
    #expect(shallow.nodes.map(\.parent) == [nil, 0, nil, 2])
    #expect(tree.trimmed(depth: 9, count: 3).count == 3)
    #expect(tree.trimmed(depth: 0, count: 3) == DraftTree())
    #expect(tree.path(to: 2).map(\.index) == [0, 1, 2] && tree.path(to: nil) == [])
    #expect(tree.depth(of: 4) == 5 && tree.depth(of: 6) == 2 && tree.depth(of: nil) == 0)
  }
}
