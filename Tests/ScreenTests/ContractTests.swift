import Dials
import Events
import Screen
import Techniques
import TestSupport
import Testing

/// The tag and what it means, over all combinations of what can be set.
struct ContractTests {
  /// Every combination of what a tag speaks of.
  private static let all: [AnswerSettings] = {
    let exits: [ExitSetting] = [
      .off, .fixed(depth: 12),
      .confidence(measure: .top1, points: [ExitPoint(depth: 20, threshold: 0.8)]),
    ]
    let reaches: [ReachSetting] = [
      .full, ReachSetting(.lambda, window: 64, sinks: 4), ReachSetting(.sliding, window: 32),
    ]
    let adapters: [SessionRecord.Adapter?] = [
      nil, SessionRecord.Adapter(name: "exits", exits: [12]),
      SessionRecord.Adapter(name: "LoRA", exits: [], changesModel: true),
    ]
    var all: [AnswerSettings] = []
    for exit in exits {
      for mode in ExitMode.allCases {
        for shortHead in [nil, 0.5, 1] as [Float?] {
          for pruned in [BlockSet.none, BlockSet(indices: [3]), BlockSet(indices: 3...12)] {
            for reach in reaches {
              for draft in [DraftSetting.off, .exits, .auto, DraftSetting([.small, .ngram])] {
                for adapter in adapters {
                  for preset in [PresetState.off, PresetState(.saving)] {
                    for budget in [BudgetSetting.whole, BudgetSetting(share: 0.6, offset: -4)] {
                      all.append(
                        AnswerSettings(
                          policy: DialSettings(
                            pruned: pruned, exit: exit, mode: mode, draft: draft,
                            shortHead: shortHead, reach: reach, budget: budget),
                          preset: preset, adapter: adapter))
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    return all
  }()

  @Test func `a tag says IDENTICAL exactly where nothing makes the text another`() {
    for settings in Self.all {
      let policy = settings.policy
      let takesEarly =
        policy.mode == .approximate && (policy.exit != .off || policy.shortHead ?? 1 < 1)
      let takesBudget = policy.budget.isOn && !policy.draft.sources.contains(.small)
      let isChanged =
        !policy.pruned.isEmpty || takesEarly || takesBudget
        || settings.adapter?.changesModel == true
      let expected = isChanged ? "APPROXIMATE" : policy.reach.isLimited ? "WINDOW" : "IDENTICAL"
      #expect(settings.tag == expected, "\(settings.words)")
    }
  }

  @Test func `every clause of the promise is about something that is set, and all are there`() {
    for settings in Self.all {
      let (policy, promise) = (settings.policy, settings.promise)
      let isApproximate = settings.contract == .approximate
      func expect(_ words: String, _ isTrue: Bool) {
        #expect(promise.contains(words) == isTrue, "\(promise): \(settings.words)")
      }
      expect("pruned", !policy.pruned.isEmpty)
      expect("blocks 3-12 are pruned", policy.pruned.count == 10)
      expect("block 3 is pruned", policy.pruned.count == 1)
      expect("exits are taken unverified", policy.mode == .approximate && policy.exit != .off)
      expect("a short head decides", policy.mode == .approximate && policy.shortHead == 0.5)
      expect("changes the model", settings.adapter?.changesModel == true)
      expect("attention sees", policy.reach.isLimited)
      let drafts = policy.draft.sources.contains(.small)
      expect("some feed-forwards are small", policy.budget.isOn && !drafts)
      if settings.contract == .identical {
        expect("small feed-forwards and guesses only draft", policy.draftsWithBudget)
      }
      expect("last 64 tokens", policy.reach.window == 64)
      expect(
        "early exits", !isApproximate && policy.exit != .off && !policy.reach.isLimited)
      expect("guesses", policy.draft.hasBranches)
      expect(
        "every block, every token",
        settings.contract == .identical && policy.exit == .off && !policy.draft.hasBranches)
      #expect(!promise.isEmpty)
    }
  }

  @Test func `everything that is set is named in the line of stats`() {
    for settings in Self.all {
      let (policy, words) = (settings.policy, settings.words)
      #expect(words.contains("exit \(policy.exit == .off ? "off" : "\(policy.exit)")"))
      #expect(words.contains("short head") == (policy.shortHead != nil))
      #expect(words.contains("pruned") == !policy.pruned.isEmpty)
      #expect(words.contains("window") == policy.reach.isLimited)
      #expect(words.contains("budget 60%") == policy.budget.isOn)
      #expect(words.contains("preset saving") == (settings.preset.name != nil))
      #expect(words.contains("draft auto") == (policy.draft == .auto))
      if let adapter = settings.adapter { #expect(words.contains(adapter.label)) }
    }
  }

  @Test func `settings that differ are told apart in words`() {
    var generator = SeededGenerator(seed: 91)
    for _ in 0..<2000 {
      guard let a = Self.all.randomElement(using: &generator),
        let b = Self.all.randomElement(using: &generator)
      else { return }
      #expect(a.differences(from: b).isEmpty == (a == b))
    }
  }

  @Test func `the tag on the screen is that of the settings at any width`() {
    var generator = SeededGenerator(seed: 92)
    for _ in 0..<300 {
      guard let settings = Self.all.randomElement(using: &generator) else { return }
      var state = ScreenState.chat()
      _ = state.update(
        .resized(rows: 24, columns: [40, 80, 120, 200].randomElement(using: &generator) ?? 80))
      _ = state.update(
        .record(.turn(TurnRecord(turn: 9, role: .assistant, text: "", made: settings, tNs: 1))))
      #expect(state.shown == settings)
      #expect(draw(state).lines[0].contains(settings.contract.words), "\(draw(state).lines[0])")
    }
  }
}
