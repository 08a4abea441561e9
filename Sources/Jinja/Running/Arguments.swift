/// What a call is given.
struct Arguments {
  var positional: [JinjaValue] = []
  var named: [String: JinjaValue] = [:]
  /// The names in the order in which they were written.
  var order: [String] = []

  /// The argument at a place, or with a name.
  func value(_ place: Int, _ name: String) -> JinjaValue? {
    place < positional.count ? positional[place] : named[name]
  }

  /// An argument that has to be there.
  func required(_ place: Int, _ name: String) throws(JinjaError) -> JinjaValue {
    guard let value = value(place, name) else { throw .failed("the argument '\(name)' is missing") }
    return value
  }

  /// A whole number, or `standard` where it is not given.
  func int(_ place: Int, _ name: String, or standard: Int) throws(JinjaError) -> Int {
    guard let value = value(place, name) else { return standard }
    guard let number = value.wholeNumber else {
      throw .failed("'\(name)' has to be a whole number, and is \(value.kind)")
    }
    return number
  }

  /// A truth value, or `standard` where it is not given.
  func bool(_ place: Int, _ name: String, or standard: Bool) -> Bool {
    value(place, name)?.isTrue ?? standard
  }

  /// A text, or nil where none is given or it is none.
  func text(_ place: Int, _ name: String) throws(JinjaError) -> JinjaText? {
    switch value(place, name) {
    case nil, JinjaValue.none?: return nil
    case .text(let text)?: return text
    case let value?: throw .failed("'\(name)' has to be a text, and is \(value.kind)")
    }
  }

  /// Throws where more is given than `most` in a row, or names beside `names`.
  func check(most: Int, _ names: String...) throws(JinjaError) {
    if positional.count > most { throw .failed("\(positional.count) arguments are too many") }
    for name in order where !names.contains(name) {
      throw .failed("there is no argument '\(name)'")
    }
  }

  /// The same without the first `count` arguments in a row.
  func dropping(_ count: Int) -> Arguments {
    var rest = self
    rest.positional = Array(positional.dropFirst(count))
    return rest
  }
}
