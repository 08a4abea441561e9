import Events

/// Turns the bytes that a terminal sends into keys.
///
/// A value: the same bytes and pauses give the same keys, and it makes no difference in which pieces the
/// bytes come. It knows the control sequences of ECMA-48 (CSI, SS3, and the strings OSC, DCS, APC, PM and
/// SOS), the marks of a bracketed paste, and UTF-8; what it has no name for leaves nothing behind.
///
/// **^C and ^Z always get through.** A byte below 0x20 is a key of its own in every state, and ends an
/// unfinished sequence. The one exception is a paste, whose text may hold any byte: there ^C and ^Z are
/// text while the paste flows, and keys again as soon as it has paused for ``Limit/stall``. A paste whose
/// end mark never comes is over after a pause of ``Limit/paste``.
package struct KeyParser: Hashable, Sendable {
  /// How long a pause, counted from the last byte, has to be to mean something, and how long things may
  /// grow.
  package enum Limit {
    /// Nothing behind an escape for this long: the Escape key.
    package static let escape = Duration.milliseconds(50)
    /// A `[` behind an Escape key that was told already: typed, if nothing follows for this long.
    package static let bracket = Duration.milliseconds(50)
    /// A sequence without its end for this long is none.
    package static let sequence = Duration.seconds(1)
    /// A string without its end for this long is none.
    package static let string = Duration.milliseconds(500)
    /// In a paste that has paused for this long ^C and ^Z are keys.
    package static let stall = Duration.milliseconds(100)
    /// A paste that has paused for this long is complete.
    package static let paste = Duration.seconds(1)
    /// Bytes of a string; a longer one is none.
    package static let stringBytes = 1 << 16
    /// Bytes of a sequence that are looked at; a longer one means nothing.
    package static let sequenceBytes = 256
  }

  /// What the bytes so far are the beginning of.
  enum State: Hashable, Sendable {
    /// Nothing: the next byte is a key, or the first byte of one.
    case ground
    /// Escapes with nothing behind them yet, one or two.
    case escapes(Int)
    /// An Escape key, whose sequence may have been delayed.
    case late
    /// A `[` in ``late``: typed, or the rest of a sequence.
    case lateBracket
    /// CSI.
    case control(isAlt: Bool)
    /// SS3.
    case single(isAlt: Bool)
    /// `CSI [`, with which the Linux console begins a function key.
    case console
    /// `CSI M`, behind which so many bytes about a mouse follow.
    case mouse(left: Int)
    /// OSC, DCS, APC, PM or SOS, of this many bytes.
    case string(length: Int)
    /// An escape in a string: its end, or the beginning of something else.
    case stringEscape
    /// A bracketed paste.
    case paste(isStalled: Bool)
  }

  private(set) var state = State.ground
  /// The parameters of a sequence, or the text of a paste.
  private var body: [UInt8] = []
  private var text = StreamingDecoder()
  /// What the terminal has answered and nobody has taken yet.
  private var replies: [TerminalReply] = []
  /// Whether Alt is held with the character that ``text`` is at.
  private var isAltText = false

  private static let pasteEnd = Array("\u{1b}[201~".utf8)

  /// A parser that has seen nothing.
  package init() {}

  /// Whether a pause would change anything: bytes wait for others.
  package var isWaiting: Bool { state != .ground || text.pendingCount > 0 }

  /// What the terminal has answered since this was asked last.
  package mutating func takeReplies() -> [TerminalReply] {
    defer { replies = [] }
    return replies
  }

  /// The keys that these bytes complete.
  package mutating func keys(in bytes: some Sequence<UInt8>) -> [Key] {
    var keys: [Key] = []
    for byte in bytes { take(byte, &keys) }
    return keys
  }

  /// The keys that nothing can follow any more, since nothing has come for `pause` after the last byte.
  package mutating func keys(afterPause pause: Duration) -> [Key] {
    var keys: [Key] = []
    switch state {
    case .escapes(let count) where pause >= Limit.escape:
      keys = Array(repeating: .escape, count: count)
      state = .late
    case .late where pause >= Limit.sequence: state = .ground
    case .lateBracket where pause >= Limit.bracket: giveUpBracket(&keys)
    case .string where pause >= Limit.string, .stringEscape where pause >= Limit.string:
      state = .ground
    case .control, .single, .console, .mouse:
      if pause >= Limit.sequence { state = .ground }
    case .paste:
      if pause >= Limit.paste {
        endPaste(&keys)
      } else if pause >= Limit.stall {
        state = .paste(isStalled: true)
      }
    default: break
    }
    if text.pendingCount > 0, pause >= Limit.sequence { tell(text.flush(), &keys) }
    return keys
  }

  // MARK: - Bytes

  private mutating func take(_ byte: UInt8, _ keys: inout [Key]) {
    if case .paste(let isStalled) = state {
      takePasted(byte, isStalled: isStalled, &keys)
    } else if byte == 0x1b {
      takeEscape(&keys)
    } else if byte < 0x20 {
      takeControl(byte, &keys)
    } else {
      takePrintable(byte, &keys)
    }
  }

  private mutating func takeEscape(_ keys: inout [Key]) {
    tell(text.flush(), &keys)
    switch state {
    case .string: state = .stringEscape
    case .escapes(2): keys.append(.escape)
    case .escapes: state = .escapes(2)
    default:
      giveUpBracket(&keys)
      state = .escapes(1)
    }
  }

  /// A key of its own wherever it comes; with an escape in front, its Alt where that means anything.
  private mutating func takeControl(_ byte: UInt8, _ keys: inout [Key]) {
    tell(text.flush(), &keys)
    giveUpBracket(&keys)
    switch state {
    case .string where byte == 0x07: endString()
    case .escapes(let count):
      if count == 2 { keys.append(.escape) }
      switch byte {
      case 0x0d, 0x0a: keys.append(.newline)
      case 0x08: keys.append(.control("w"))
      case 0x09: break
      default: keys += Key.control(byte: byte)
      }
    default: keys += Key.control(byte: byte)
    }
    state = .ground
  }

  private mutating func takePrintable(_ byte: UInt8, _ keys: inout [Key]) {
    switch state {
    case .ground,
      .late where byte != 0x5b:
      state = .ground
      takeText(byte, &keys)
    case .late: state = .lateBracket
    case .lateBracket where byte >= 0x7f:
      giveUpBracket(&keys)
      takeText(byte, &keys)
    case .lateBracket:
      begin(.control(isAlt: false))
      takeInControl(byte, &keys)
    case .escapes(let count): takeAfterEscape(byte, isDoubled: count == 2, &keys)
    case .control: takeInControl(byte, &keys)
    case .single(let isAlt): takeInSingle(byte, isAlt: isAlt, &keys)
    case .console:
      state = .ground
      if (0x41...0x45).contains(byte) { keys.append(.function(Int(byte) - 0x40)) }
    case .mouse(let left): state = left > 1 ? .mouse(left: left - 1) : .ground
    case .string(let length):
      if body.count < Limit.sequenceBytes { body.append(byte) }
      state = length < Limit.stringBytes ? .string(length: length + 1) : .ground
    case .stringEscape:
      if byte == 0x5c { endString() }
      state = byte == 0x5c ? .ground : .escapes(1)
      if byte != 0x5c { take(byte, &keys) }
    case .paste: break
    }
  }

  private mutating func takeAfterEscape(_ byte: UInt8, isDoubled: Bool, _ keys: inout [Key]) {
    switch byte {
    case 0x5b: begin(.control(isAlt: isDoubled))
    case 0x4f: begin(.single(isAlt: isDoubled))
    default:
      if isDoubled { keys.append(.escape) }
      if [0x50, 0x58, 0x5d, 0x5e, 0x5f].contains(byte) {
        begin(.string(length: 0))
        body = [byte]
      } else {
        state = .ground
        isAltText = true
        takeText(byte, &keys)
      }
    }
  }

  /// Takes in a whole string, if it is an answer.
  private mutating func endString() {
    let text = String(decoding: body, as: UTF8.self)
    if let color = RGB(answer: text) { replies.append(.background(color)) }
  }

  private mutating func begin(_ state: State) {
    self.state = state
    body = []
  }

  /// Tells a `[` that turned out to be typed.
  private mutating func giveUpBracket(_ keys: inout [Key]) {
    guard state == .lateBracket else { return }
    state = .ground
    keys.append(.scalar("["))
  }

  // MARK: - Sequences

  private mutating func takeInControl(_ byte: UInt8, _ keys: inout [Key]) {
    guard case .control(let isAlt) = state else { return }
    switch byte {
    case 0x5b where body.isEmpty: state = .console
    case 0x4d where body.isEmpty: state = .mouse(left: 3)
    case 0x24 where !body.isEmpty && body.allSatisfy(\.isDigit), 0x40...0x7e:
      state = .ground
      if body == Array("200".utf8), byte == 0x7e {
        begin(.paste(isStalled: false))
      } else if byte == 0x75, body.first == 0x3f {
        replies.append(.tellsKeysApart)
      } else if body.count < Limit.sequenceBytes {
        keys += ControlSequence(body: body, final: byte, isAlt: isAlt).keys
      }
    case 0x20...0x3f: if body.count < Limit.sequenceBytes { body.append(byte) }
    default: stopAndTake(byte, &keys)
    }
  }

  private mutating func takeInSingle(_ byte: UInt8, isAlt: Bool, _ keys: inout [Key]) {
    switch byte {
    case 0x30...0x3b: if body.count < Limit.sequenceBytes { body.append(byte) }
    case 0x20...0x7e:
      state = .ground
      keys += ControlSequence(body: body, final: byte, isAlt: isAlt).keysOfKeypad
    default: stopAndTake(byte, &keys)
    }
  }

  /// No sequence holds this byte: it is a key again.
  private mutating func stopAndTake(_ byte: UInt8, _ keys: inout [Key]) {
    state = .ground
    takeText(byte, &keys)
  }

  // MARK: - Text

  private mutating func takeText(_ byte: UInt8, _ keys: inout [Key]) {
    tell(text.append([byte]), &keys)
  }

  private mutating func tell(_ typed: String, _ keys: inout [Key]) {
    for scalar in typed.unicodeScalars {
      if scalar == "\u{7f}" {
        keys.append(isAltText ? .control("w") : .backspace)
      } else if !(0x80..<0xa0).contains(scalar.value) {
        keys.append(isAltText ? .alt(typed: scalar) : .scalar(scalar))
      }
      isAltText = false
    }
  }

  // MARK: - Paste

  private mutating func takePasted(_ byte: UInt8, isStalled: Bool, _ keys: inout [Key]) {
    if isStalled, byte == 0x03 || byte == 0x1a {
      endPaste(&keys)
      take(byte, &keys)
      return
    }
    state = .paste(isStalled: false)
    body.append(byte)
    if byte == Self.pasteEnd.last, body.suffix(Self.pasteEnd.count).elementsEqual(Self.pasteEnd) {
      endPaste(&keys)
    }
  }

  /// Tells what was pasted, without its end mark or the part of it that came.
  private mutating func endPaste(_ keys: inout [Key]) {
    let mark = (1...Self.pasteEnd.count).last { count in
      body.suffix(count).elementsEqual(Self.pasteEnd.prefix(count))
    }
    body.removeLast(mark ?? 0)
    let pasted = String(decoding: body, as: UTF8.self)
    if !pasted.isEmpty {
      keys.append(.paste(String(pasted.map { $0 == "\r" || $0 == "\r\n" ? "\n" : $0 })))
    }
    begin(.ground)
  }
}

extension UInt8 {
  var isDigit: Bool { (0x30...0x39).contains(self) }
}
