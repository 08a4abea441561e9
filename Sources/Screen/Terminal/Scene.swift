/// What a loop shows and sends keys to: a fold over messages and time, with a picture.
package protocol Scene: Sendable {
  /// Takes in what happened and answers what is to be done about it.
  mutating func update(_ message: Message) -> [Action]

  /// Lets time go by; whether the picture may have changed.
  mutating func pass(_ time: Duration) -> Bool

  /// The picture.
  func drawn() -> Frame
}
