import Dials
import Techniques

/// Where everything goes, for one size of the screen.
///
/// Two shapes with the same regions: side by side from 120 columns, stacked below. What does not fit
/// folds away, statistics first, then the depth panel, then the hint; conversation and input stay.
package struct Layout: Hashable, Sendable {
  /// Model, policy, context meter and, always, the contract.
  package private(set) var title: Area
  /// What is said.
  package private(set) var transcript: Area
  /// One row per token (stacked).
  package private(set) var strip: Area
  /// Blocks by tokens (side by side).
  package private(set) var map: Area
  /// The line between left and right.
  package private(set) var divider: Area
  /// The numbers.
  package private(set) var statistics: Area
  /// What the newest pass verified; empty where nobody guesses or there is no room.
  package private(set) var tree: Area
  /// How many tokens each pass decided; one line under the text.
  package private(set) var runs: Area
  /// The token under the cursor; empty unless there is room or it was asked for.
  package private(set) var inspector: Area
  /// The line above the input.
  package private(set) var rule: Area
  /// What a person is writing.
  package private(set) var input: Area
  /// Keys that make sense now.
  package private(set) var hint: Area

  /// The narrowest screen that shows its regions side by side.
  package static let sideBySideColumns = 120

  private static let nothing = Area(rows: 0, columns: 0)

  /// The layout for a state.
  package init(of state: ScreenState) {
    var body = Area(rows: state.rows, columns: state.columns)
    let (rows, columns) = (state.rows, state.columns)
    let isInspecting = if case .inspector = state.overlay { true } else { false }
    (strip, map, divider) = (Self.nothing, Self.nothing, Self.nothing)
    (statistics, inspector) = (Self.nothing, Self.nothing)
    (tree, runs) = (Self.nothing, Self.nothing)
    title = body.takeTop(rows >= 2 ? 1 : 0)
    hint = body.takeBottom(rows >= 8 ? 1 : 0)
    input = body.takeBottom(PromptView.rowCount(of: state, atMost: max(1, rows / 4)))
    rule = body.takeBottom(rows >= 14 ? 1 : 0)
    transcript = body
    if columns >= Self.sideBySideColumns && rows >= 20 {
      splitSideBySide(body, blockCount: state.blockCount ?? 30)
    } else {
      stack(body, rows: rows, columns: columns)
    }
    if state.policy.draft.hasBranches && columns >= 60 { makeRoomForTree() }
    if isInspecting && inspector.isEmpty {
      inspector = transcript
    }
  }

  private mutating func stack(_ body: Area, rows: Int, columns: Int) {
    var body = body
    if columns >= 72 && rows >= 22 {
      statistics = body.takeBottom(2)
    } else if columns >= 60 && rows >= 18 {
      statistics = body.takeBottom(1)
    }
    if columns >= 60 && rows >= 14 {
      strip = body.takeBottom(1 + min(20, max(3, rows / 3)))
    }
    transcript = body
  }

  /// A third of a tall transcript shows the tree; a line of all but the smallest shows the runs.
  private mutating func makeRoomForTree() {
    if transcript.rows >= 18 {
      tree = transcript.takeBottom(min(DraftTreeView.rowCount + 1, transcript.rows / 3))
    }
    if transcript.rows >= 8 { runs = transcript.takeBottom(1) }
  }

  private mutating func splitSideBySide(_ body: Area, blockCount: Int) {
    var left = body
    var right = left.takeRight(body.columns / 2 + 3)
    divider = left.takeRight(1)
    let frame = 3  // the map's header and its two rows of letters
    let room = right.rows - frame
    let blockRows = DepthMap.rowCount(blocks: blockCount, room: min(room, max(room - 8, 15)))
    map = right.takeTop(blockRows + frame)
    if right.rows >= 6 { inspector = right }
    statistics = left.takeBottom(min(StatisticsView.rowCount, left.rows / 2))
    transcript = left
  }
}
