import Foundation

/// The terminal's clipboard, which a sequence of its own sets (OSC 52). It says nothing back.
package enum Clipboard {
  /// What sets it to `text`. Inside tmux the sequence comes twice: once for tmux, which takes it where
  /// `set-clipboard` is on, once for the terminal around it, to which tmux hands it on where
  /// `allow-passthrough` is.
  package static func sequence(
    for text: String, environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> [UInt8] {
    let plain = "\u{1B}]52;c;\(Data(text.utf8).base64EncodedString())\u{7}"
    guard environment["TMUX"]?.isEmpty == false else { return Array(plain.utf8) }
    let doubled = plain.replacing("\u{1B}", with: "\u{1B}\u{1B}")
    return Array("\(plain)\u{1B}Ptmux;\(doubled)\u{1B}\\".utf8)
  }

  /// What a person reads of it.
  static func words(for text: String) -> String {
    "\(text.count) characters sent to the terminal's clipboard"
  }
}
