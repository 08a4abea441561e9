import Foundation
import Screen
import Shell

extension Checkup {
  /// Terminal, colours, size, locale.
  mutating func lookAtTerminal(environment: [String: String]) {
    if isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 {
      lookAtType(environment)
      lookAtSize()
    } else {
      ok("terminal", "none here: a conversation in lines of text")
    }
    if !Surface.usesColor(environment: environment) { ok("colours", "off: NO_COLOR is set") }
    if environment["TMUX"] != nil { lookAtTmux(environment) }
    lookAtLocale(environment)
  }

  private mutating func lookAtType(_ environment: [String: String]) {
    let type = environment["TERM"] ?? ""
    if Surface.prefersPlain(environment: environment) {
      return ok("terminal", "a conversation in lines of text: ACCESSIBLE is set, or TERM is dumb")
    }
    guard !type.isEmpty else {
      return fail(
        "terminal", "TERM is not set", "Set it to what your terminal is: export TERM=xterm-256color"
      )
    }
    guard Self.isKnown(type, environment) else {
      return warn(
        "terminal", "this machine does not know \(type)",
        "Install its description (ncurses-term), or export TERM=xterm-256color")
    }
    ok("terminal", type)
    guard Surface.usesColor(environment: environment) else { return }
    let isTrue = ["truecolor", "24bit"].contains(environment["COLORTERM"])
    if isTrue || type.contains("256color") || type.contains("direct") {
      ok("colours", isTrue ? "16 million" : "256")
    } else {
      warn(
        "colours", "\(type) has few of them by its name",
        "If your terminal shows more, export TERM=xterm-256color")
    }
  }

  /// Whether the system has a description of this type.
  private static func isKnown(_ type: String, _ environment: [String: String]) -> Bool {
    let folders =
      [environment["TERMINFO"], environment["HOME"].map { $0 + "/.terminfo" }].compactMap(\.self)
      + [
        "/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/local/share/terminfo",
        "/opt/homebrew/share/terminfo",
      ]
    guard let first = type.unicodeScalars.first, !type.contains("/") else { return false }
    let letters = [String(first), String(first.value, radix: 16)]
    return folders.contains { folder in
      letters.contains { FileManager.default.fileExists(atPath: "\(folder)/\($0)/\(type)") }
    }
  }

  private mutating func lookAtSize() {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return warn(
        "size", "the terminal does not tell its size", "Run: resize, or: stty rows 34 cols 120")
    }
    let words = "\(size.ws_col) columns, \(size.ws_row) rows"
    if size.ws_col < 80 || size.ws_row < 24 {
      warn("size", words, "Make the window at least 80 columns and 24 rows large")
    } else {
      ok("size", words)
    }
  }

  private mutating func lookAtTmux(_ environment: [String: String]) {
    let type = environment["TERM"] ?? ""
    if type.hasPrefix("tmux") || type.hasPrefix("screen") {
      ok("tmux", "yes; F keys reach the program unless tmux has them")
    } else {
      warn(
        "tmux", "TERM is \(type) inside of tmux",
        "In ~/.tmux.conf: set -g default-terminal tmux-256color")
    }
  }

  private mutating func lookAtLocale(_ environment: [String: String]) {
    let name =
      ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? "none"
    guard setlocale(LC_CTYPE, "") != nil else {
      return warn(
        "locale", "\(name) is not installed", "Choose one of 'locale -a': export LC_ALL=C.UTF-8")
    }
    let set = nl_langinfo(nl_item(CODESET)).map { String(cString: $0) } ?? ""
    if set == "UTF-8" {
      ok("locale", "\(name), UTF-8")
    } else {
      warn("locale", "\(name) has \(set) and no UTF-8", "export LC_ALL=C.UTF-8")
    }
  }
}
