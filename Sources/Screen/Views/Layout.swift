import Dials
import Techniques

/// Where everything goes, for one size of the screen.
///
/// Two shapes with the same regions: side by side from 120 columns, stacked below. What does not fit
/// folds away, statistics first, then the panel, then the hint; conversation and input stay.
package struct Layout: Hashable, Sendable {
  /// Model, settings, context meter and, always, what the text is worth.
  package private(set) var title: Area
  /// What is said.
  package private(set) var transcript: Area
  /// One row per word (stacked).
  package private(set) var strip = Self.nothing
  /// Blocks by words (side by side).
  package private(set) var map = Self.nothing
  /// The line between left and right.
  package private(set) var divider = Self.nothing
  /// The numbers of the answer.
  package private(set) var statistics = Self.nothing
  /// What attention saw, where the panel is turned to it.
  package private(set) var reach = Self.nothing
  /// What was guessed, where the panel is turned to it.
  package private(set) var guesses = Self.nothing
  /// One word closely; empty unless there is room or it was asked for.
  package private(set) var inspector = Self.nothing
  /// The line above the input.
  package private(set) var rule: Area
  /// What a person is writing.
  package private(set) var input: Area
  /// Keys that make sense now.
  package private(set) var hint: Area

  /// The narrowest screen that shows its regions side by side.
  package static let sideBySideColumns = 120

  private static let nothing = Area(rows: 0, columns: 0)
  /// The rows of the conversation that no panel takes.
  private static let leastTranscript = 4

  /// The layout for a state.
  package init(of state: ScreenState) {
    var body = Area(rows: state.rows, columns: state.columns)
    let (rows, columns) = (state.rows, state.columns)
    title = body.takeTop(rows >= 2 ? 1 : 0)
    hint = body.takeBottom(rows >= 8 ? 1 : 0)
    input = body.takeBottom(PromptView.rowCount(of: state, atMost: max(1, rows / 4)))
    rule = body.takeBottom(rows >= 14 ? 1 : 0)
    transcript = body
    let isInspecting = state.selected != nil
    guard state.panel != .off || isInspecting else { return }
    if columns >= Self.sideBySideColumns && rows >= 20 {
      splitSideBySide(state)
    } else if columns >= 60 && rows >= 14 {
      stack(state)
    } else if isInspecting {
      inspector = transcript
    }
  }

  /// All between the title and the line above the input.
  func body(of frame: Frame) -> Area {
    var body = frame.area
    _ = body.takeTop(title.rows)
    _ = body.takeBottom(hint.rows + input.rows + rule.rows)
    return body
  }

  /// Numbers at the bottom, above them the word that is looked at, above that the panel.
  private mutating func stack(_ state: ScreenState) {
    let isInspecting = state.selected != nil
    if state.panel != .off {
      statistics = transcript.takeBottom(
        state.rows >= 22 ? (isInspecting && state.rows < 28 ? 0 : 3) : state.rows >= 18 ? 1 : 0)
    }
    if isInspecting {
      inspector = takeFromTranscript(
        InspectorView.rowCount(of: state, columns: transcript.columns),
        atMost: transcript.rows * 2 / 5)
    }
    let wanted = 1 + min(20, max(3, state.rows / (isInspecting ? 4 : 3)))
    place(state.panel, takeFromTranscript(wanted, atMost: wanted))
  }

  private mutating func takeFromTranscript(_ wanted: Int, atMost most: Int) -> Area {
    transcript.takeBottom(min(wanted, max(most, 5), transcript.rows - Self.leastTranscript))
  }

  private mutating func splitSideBySide(_ state: ScreenState) {
    var left = transcript
    var right = left.takeRight(transcript.columns / 2 + 3)
    divider = left.takeRight(1)
    if state.panel != .off {
      statistics = left.takeBottom(
        min(StatisticsView.rowCount(of: state, columns: left.columns), left.rows / 2))
    }
    transcript = left
    let hasInspector = state.selected != nil || right.rows >= 22
    let below = hasInspector ? min(12, right.rows / 2) : 0
    switch state.panel {
    case .off: break
    case .map:
      map = right.takeTop(
        DepthMap.rowCount(of: state, columns: right.columns, room: right.rows - below))
    case .reach, .guesses:
      place(state.panel, right.takeTop(state.selected == nil ? right.rows : right.rows - below))
    }
    if hasInspector { inspector = right }
  }

  private mutating func place(_ panel: ViewChoices.Panel, _ area: Area) {
    switch panel {
    case .off: transcript.rows += area.rows
    case .map: strip = area
    case .reach: reach = area
    case .guesses: guesses = area
    }
  }
}
