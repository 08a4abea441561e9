public import ArgumentParser
import Chat
import Dials
import Events
public import Techniques

/// How deep tokens go, who drafts them, how much of each block runs.
struct DepthOptions: ParsableArguments {
  private static let usual = ChatSettings()

  @Option(help: "When a token may leave early: \(ExitSetting.notation).")
  var exitPolicy = Self.usual.exit.words

  @Option(help: "What an early exit is for: identical (full depth verifies) or approximate.")
  var mode = Self.usual.mode

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Let exits evaluate the adapter's short head; unverified, it also decides at full depth "
        + "where it gives a token more than this probability (default: off).", valueName: "p"))
  var shortHead: Float?

  @Option(
    help: "Keys and values of blocks that an approximate exit left out: propagate or catch-up.")
  var fill = Self.usual.fill

  @Option(
    name: [.customLong("draft"), .customLong("spec-draft-n-max"), .customLong("num-speculations")],
    help: "Draft tokens that one pass verifies: \(DraftSetting.notation).")
  var draft = Self.usual.draft.words

  @Option(
    help: ArgumentHelp(
      "How many feed-forwards run big, token by token: \(BudgetSetting.notation). With --draft small only "
        + "drafts are made with small ones.", valueName: "share"))
  var budget = "\(Self.usual.budget)"
}

extension ExitMode: ExpressibleByArgument {}
extension FillPolicy: ExpressibleByArgument {}
