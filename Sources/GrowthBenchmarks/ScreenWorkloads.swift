import Events
import Screen

/// What a person types, and what the screen shows.
func screenWorkloads() throws -> [Workload] {
  try promptWorkloads() + answerWorkloads()
}

/// A screen of the usual size.
private func screen(columns: Int = 120) -> ScreenState {
  var state = ScreenState()
  _ = state.update(.resized(rows: 40, columns: columns))
  return state
}

private func promptWorkloads() -> [Workload] {
  var workloads: [Workload] = []
  for (kind, unit) in Texts.kinds {
    workloads.append(
      Workload("paste into the prompt: \(kind)", "character", upTo: 300_000) { size in
        let bytes = "\u{1b}[200~\(Texts.text(of: unit, count: size))\u{1b}[201~".utf8
        return {
          var (parser, state) = (KeyParser(), screen())
          for key in parser.keys(in: bytes) { _ = state.update(.key(key)) }
          return (state, draw(state))
        }
      })
    workloads.append(
      Workload("type without a paste: \(kind)", "key", upTo: 80_000) { size in
        let text = Texts.text(of: unit, count: size)
        return {
          var state = screen()
          for (place, scalar) in text.unicodeScalars.enumerated() {
            _ = state.update(.key(scalar == "\n" ? .newline : .scalar(scalar)))
            if place % 1000 == 0 { _ = draw(state) }
          }
          return state
        }
      })
  }
  let keys: [(String, Key)] = [
    ("left", .left), ("a letter", .scalar("x")), ("up", .up), ("home", .home),
    ("word left", .wordLeft), ("backspace", .backspace), ("a mark", .scalar("\u{301}")),
  ]
  for (kind, unit) in Texts.kinds where ["words", "line feeds", "flags", "CJK"].contains(kind) {
    for (name, key) in keys {
      workloads.append(
        Workload("edit a text with \(name): \(kind)", "character", upTo: 300_000) { size in
          var pasted = screen()
          _ = pasted.update(.key(.paste(Texts.text(of: unit, count: size))))
          return { [pasted] in
            var state = pasted
            for _ in 0..<size / 1000 {
              _ = state.update(.key(key))
              _ = draw(state)
            }
            return state
          }
        })
    }
  }
  return workloads
}

private func answerWorkloads() throws -> [Workload] {
  let session = try LongSession()
  let shapes: [(String, Int, Bool)] = [
    ("answers of 300 tokens, probes", 300, true), ("answers of 4,000 tokens, probes", 4000, true),
    ("one answer", .max, false),
  ]
  var workloads: [Workload] = []
  for (name, length, isProbed) in shapes {
    workloads.append(
      Workload("show records: \(name)", "record", upTo: 200_000) { size in
        let records = session.records(size, length: length, isProbed: isProbed)
        return {
          var state = screen()
          for record in records { _ = state.update(.record(record)) }
          return state
        }
      })
    workloads.append(
      Workload("records as lines of text: \(name)", "record", upTo: 200_000) { size in
        let records = session.records(size, length: length, isProbed: isProbed)
        return {
          var (renderer, text) = (PlainRenderer(showsUser: true), "")
          for record in records { text += renderer.text(for: record) }
          return text
        }
      })
    workloads.append(
      Workload("a frame every 50 records: \(name)", "record", upTo: 40_000) { size in
        let records = session.records(size, length: length, isProbed: isProbed)
        return { follow(records) }
      })
    workloads.append(
      Workload("scroll through all: \(name)", "record", upTo: 80_000) { size in
        var state = screen()
        for record in session.records(size, length: length, isProbed: isProbed) {
          _ = state.update(.record(record))
        }
        return { [state] in
          var state = state
          for _ in 0..<size / 500 {
            _ = state.update(.key(.pageUp))
            _ = draw(state)
          }
          return state
        }
      })
  }
  workloads.append(
    Workload("a frame every 50 records: one paragraph", "record", upTo: 40_000) { size in
      let start = session.records(4, length: 1, isProbed: false).prefix(3)
      return {
        follow(start + (0..<size).map { session.token($0, turn: 1, answer: 1, text: "word ") })
      }
    })
  return workloads
}

private func follow(_ records: some Sequence<Record>) -> Any {
  var state = screen()
  for (place, record) in records.enumerated() {
    _ = state.update(.record(record))
    if place % 50 == 0 { _ = draw(state) }
  }
  return state
}
