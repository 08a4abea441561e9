import Dials
import Events
import Reports
import Techniques

/// The first line: what runs, under which dials, how full the context is and, whatever the width, what
/// the text is worth.
enum TitleView {
  static func draw(_ state: ScreenState, in area: Area, of frame: inout Frame) {
    guard !area.isEmpty else { return }
    var left = area
    let contract = state.shown.contract
    let tag = state.session == nil ? "" : tag(for: contract, room: area.columns)
    let right = left.takeRight(Glyph.width(of: tag) + (area.columns > tag.count ? 1 : 0))
    frame.write(tag, contract.role, in: right)
    let meter = meter(state, isWide: area.columns >= Layout.sideBySideColumns)
    if left.columns >= 30 + meter.count {
      let place = left.takeRight(meter.count + 2)
      frame.write(meter, meterRole(state), in: place)
    }
    var room = left
    _ = room.takeRight(1)
    frame.write(
      fitting: parts(state), separator: " │ ", in: room, column: left.columns > 20 ? 1 : 0)
  }

  /// The contract's name, or what there is room for of it.
  private static func tag(for contract: Contract, room: Int) -> String {
    if room >= contract.tag.count + 4 { return contract.tag }
    switch contract {
    case .identical: return room >= 7 ? "IDENT" : "="
    case .window: return room >= 7 ? "WINDOW" : "w"
    case .approximate: return room >= 7 ? "APPROX" : "~"
    }
  }

  private static func parts(_ state: ScreenState) -> [(importance: Int, spans: [Span])] {
    guard let session = state.session else {
      return [(0, [Span("fathom", .title)])]
    }
    let name = session.model.name.isEmpty ? session.model.file : session.model.name
    var parts: [(importance: Int, spans: [Span])] = []
    if case .replay(let file) = state.stage {
      parts.append((0, [Span("replay ", .detail), Span(file, .title)]))
    }
    parts.append((1, [Span(name, .title)]))
    parts.append((5, [Span(session.model.fileType, .detail)]))
    return parts + state.shown.labels.map { ($0.importance, [Span($0.text, $0.role)]) }
  }

  private static func share(_ state: ScreenState) -> Double {
    guard let size = state.session?.ctxSize, size > 0 else { return 0 }
    return Double(state.contextUsed) / Double(size)
  }

  private static func meterRole(_ state: ScreenState) -> Role {
    if state.policy.reach.isLimited { return .detail }
    return share(state) >= 0.95 ? .error : share(state) >= 0.8 ? .warning : .detail
  }

  /// `ctx 142/8192 2%`, with a bar where there is room.
  private static func meter(_ state: ScreenState, isWide: Bool) -> String {
    guard let size = state.session?.ctxSize else { return "" }
    if state.policy.reach.isLimited { return "\(state.contextUsed) tokens" }
    let share = share(state)
    var bar = ""
    if isWide {
      let filled = max(share > 0 ? 1 : 0, Numbers.filled(share, of: 10))
      bar =
        "[" + String(repeating: "#", count: filled)
        + String(repeating: ".", count: 10 - filled) + "] "
    }
    return
      "ctx \(state.contextUsed)/\(size) \(bar)\(Numbers.percent(share))\(share >= 0.8 ? "!" : "")"
  }
}
