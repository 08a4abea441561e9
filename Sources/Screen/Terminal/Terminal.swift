package import Events

/// What the loop needs of a terminal.
///
/// One owner at a time, on the main actor: terminals are not made for more.
@MainActor
package protocol Terminal: AnyObject {
  /// Rows and columns now.
  var size: (rows: Int, columns: Int) { get }
  /// What to tell the person about the terminal, if anything is not as asked.
  var notice: Notice? { get }
  /// How many colours it shows.
  var colorDepth: ColorDepth { get }

  /// What waits at the terminal, without waiting for it; nil when nothing does.
  func nextInput() -> TerminalInput?

  /// Draws the cells that changed and places the cursor.
  func show(_ changes: [Frame.Change], cursor: Frame.Place?, palette: Palette)

  /// Sends a sequence for its clipboard.
  func copy(_ sequence: [UInt8])

  /// Asks what the terminal can do and what its background is; what it answers comes as bytes.
  func ask()

  /// Has the keyboard tell keys apart that are usually told alike: the terminal has said that it can.
  func tellKeysApart()

  /// Forgets what is shown: the next changes are the whole frame.
  func redraw()

  /// Hands the terminal to another program.
  func leave()

  /// Takes it back, blank.
  func comeBack()

  /// Stops the process as ^Z does; back when it is continued, with a blank screen.
  func suspend()

  /// Gives the terminal back as it was. May be called twice.
  func close()
}
