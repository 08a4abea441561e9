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
    let meter = meter(state)
    if left.columns >= 30 + meter.count {
      let place = left.takeRight(meter.count + 2)
      frame.write(meter, meterRole(state), in: place)
    }
    var room = left
    _ = room.takeRight(1)
    frame.write(
      fitting: parts(state).map { ($0.importance, $0.spans.fitted(max(1, room.columns - 1))) },
      separator: " · ", in: room, column: left.columns > 20 ? 1 : 0)
  }

  /// What the text is worth, or what there is room for of it.
  private static func tag(for contract: Contract, room: Int) -> String {
    if room >= contract.words.count + 4 { return contract.words }
    switch contract {
    case .identical: return room >= 7 ? "SAME" : "="
    case .window: return room >= 7 ? "WINDOW" : "w"
    case .approximate: return room >= 7 ? "DIFFER?" : "~"
    }
  }

  private static func parts(_ state: ScreenState) -> [(importance: Int, spans: [Span])] {
    guard let session = state.session else {
      return [(0, [Span("fathom", .title)])]
    }
    let name = name(of: session.model)
    var parts: [(importance: Int, spans: [Span])] = []
    if case .replay(let file) = state.stage {
      parts.append((0, [Span("replay ", .detail), Span(file, .title)]))
    }
    parts.append((1, [Span(name.stem, .title)]))
    if !name.type.isEmpty { parts.append((5, [Span(name.type, .detail)])) }
    parts.append((7, [Span("\(session.model.nLayer) blocks", .detail)]))
    return parts
      + state.shown.labels.filter { !$0.isQuiet }.map {
        ($0.importance, [Span($0.text, $0.role)])
      }
  }

  /// The name of the file without its ending and the type that stands before it, and the type.
  private static func name(of model: SessionRecord.Model) -> (stem: String, type: String) {
    var stem = Substring(model.file.split(separator: "/").last ?? "")
    for ending in [".gguf", ".GGUF"] where stem.hasSuffix(ending) { stem = stem.dropLast(5) }
    if stem.isEmpty { stem = Substring(model.name) }
    let type = model.fileType
    if !type.isEmpty, stem.lowercased().hasSuffix(type.lowercased()) {
      let rest = stem.dropLast(type.count)
      if let last = rest.last, ".-_".contains(last), rest.count > 1 { stem = rest.dropLast() }
    }
    return (String(stem), type)
  }

  private static func share(_ state: ScreenState) -> Double {
    guard let size = state.session?.ctxSize, size > 0 else { return 0 }
    return Double(state.contextUsed) / Double(size)
  }

  private static func meterRole(_ state: ScreenState) -> Role {
    if state.policy.reach.isLimited { return .detail }
    return share(state) >= 0.95 ? .error : share(state) >= 0.8 ? .warning : .detail
  }

  /// `142/8192 tokens 2%`.
  private static func meter(_ state: ScreenState) -> String {
    guard let size = state.session?.ctxSize else { return "" }
    if state.policy.reach.isLimited { return "\(state.contextUsed) tokens" }
    let share = share(state)
    return
      "\(state.contextUsed)/\(size) tokens \(Numbers.percent(share))\(share >= 0.8 ? "!" : "")"
  }
}
