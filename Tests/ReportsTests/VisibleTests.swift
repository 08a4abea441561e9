import Reports
import Testing

/// The wall between foreign text and the terminal.
struct VisibleTests {
  @Test(arguments: [
    ("\u{1b}[31m", "␛[31m"), ("\0", "␀"), ("\u{7f}", "␡"), ("\u{9b}0m", "<U+009B>0m"),
    ("a\u{202e}b", "a<U+202E>b"), ("\u{2066}", "<U+2066>"), ("\u{feff}", "<U+FEFF>"),
    ("\u{e0041}", "<U+E0041>"), ("\r", "␍"), ("\u{2028}", "<U+2028>"), ("\u{61c}", "<U+061C>"),
    ("\u{200b}", "<U+200B>"), ("a\nb\tc", "a␊b␉c"), ("\r\n", "␍␊"),
  ])
  func `what could steer a terminal or hide text is a symbol`(raw: String, shown: String) {
    #expect(raw.visible == shown)
  }

  @Test(arguments: [
    "plain", "Straße 日本語 e\u{301}", "👩‍👩‍👧 🇩🇪 ❤️", "क्षि", "می\u{200c}خواهم", "\u{fffd}", "\u{378}",
  ])
  func `every other text stays as it is`(text: String) {
    #expect(text.visible.unicodeScalars.elementsEqual(text.unicodeScalars))
    #expect(text.visibleLines.unicodeScalars.elementsEqual(text.unicodeScalars))
  }

  @Test func `no control and no format but the joiners comes through`() {
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let shown = String(scalar).visible.unicodeScalars
      let isSafe = shown.allSatisfy { scalar in
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: false
        case .format: scalar.value == 0x200C || scalar.value == 0x200D
        default: true
        }
      }
      guard isSafe else {
        Issue.record("U+\(String(value, radix: 16)) comes through")
        continue
      }
    }
  }

  @Test func `lines and tabs stay where they are wanted, and nothing else with them`() {
    #expect("a\nb\tc\r\nd\re\u{7}".visibleLines == "a\nb\tc\nd␍e␇")
    #expect("a\nb\tc\u{1b}".visible(keeping: "\n") == "a\nb␉c␛")
  }

  @Test func `what is visible stays visible`() {
    let once = "a\u{1b}\u{202e}\u{9b}\n".visible
    #expect(once.visible == once)
  }
}
