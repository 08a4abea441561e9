/// A colour as red, green and blue, 0...255.
package struct RGB: Hashable, Sendable {
  /// The red part.
  package var red: Int
  /// The green part.
  package var green: Int
  /// The blue part.
  package var blue: Int

  /// Reads `#RRGGBB`; nil when the text is something else.
  package init?(parsing text: some StringProtocol) {
    guard text.utf8.count == 7, text.hasPrefix("#"),
      let value = UInt32(text.dropFirst(), radix: 16),
      text.dropFirst().allSatisfy(\.isHexDigit)
    else { return nil }
    self.init(red: Int(value >> 16), green: Int(value >> 8 & 0xff), blue: Int(value & 0xff))
  }

  /// A colour with these parts.
  package init(red: Int, green: Int, blue: Int) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// The squared distance in colour space.
  package func distance(to other: RGB) -> Int {
    let (r, g, b) = (red - other.red, green - other.green, blue - other.blue)
    return r * r + g * g + b * b
  }
}

/// How a role looks: a colour, or the terminal's own, and attributes.
package struct Style: Hashable, Sendable {
  /// What a terminal can do to a cell besides colouring it.
  package struct Attributes: OptionSet, Hashable, Sendable {
    /// One bit each, as CScreen has them.
    package let rawValue: UInt32

    /// The attributes of these bits.
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Heavier.
    package static let bold = Attributes(rawValue: 1 << 0)
    /// Fainter.
    package static let dim = Attributes(rawValue: 1 << 1)
    /// Slanted.
    package static let italic = Attributes(rawValue: 1 << 2)
    /// Underlined.
    package static let underline = Attributes(rawValue: 1 << 3)
    /// Front and back exchanged.
    package static let reverse = Attributes(rawValue: 1 << 4)

    /// The attributes by the names that themes use.
    package static let names: [String: Attributes] = [
      "bold": .bold, "dim": .dim, "italic": .italic, "underline": .underline, "reverse": .reverse,
    ]
  }

  /// The colour of the character; nil is the terminal's own. The background is never touched.
  package var color: RGB?
  /// The attributes.
  package var attributes: Attributes

  /// A style with these properties.
  package init(color: RGB? = nil, attributes: Attributes = []) {
    self.color = color
    self.attributes = attributes
  }

  /// Reads `#RRGGBB bold`, any part of which may be missing; nil when a word is not known.
  package init?(parsing text: String) {
    self.init()
    for word in text.split(separator: " ") {
      if let attribute = Attributes.names[String(word)] {
        attributes.insert(attribute)
      } else if let rgb = RGB(parsing: word), color == nil {
        color = rgb
      } else {
        return nil
      }
    }
  }
}

/// How many colours a terminal shows.
package enum ColorDepth: Int, Hashable, Comparable, Sendable {
  case none = 0
  case eight = 8
  case sixteen = 16
  case many = 256

  /// The depth of a terminal that reports `count` colours.
  package init(count: Int) {
    self = count >= 256 ? .many : count >= 16 ? .sixteen : count >= 8 ? .eight : .none
  }

  /// Fewer colours come first.
  package static func < (a: ColorDepth, b: ColorDepth) -> Bool { a.rawValue < b.rawValue }
}

extension RGB {
  /// The nearest colour of a terminal with this depth, as its index; nil without colours.
  ///
  /// With 256 colours only the fixed ones are used (the 6x6x6 cube and the greys, 16...255): the
  /// first sixteen look different in every terminal.
  package func index(at depth: ColorDepth) -> Int? {
    switch depth {
    case .none: nil
    case .eight: nearest(in: RGB.basic[..<8])
    case .sixteen: nearest(in: RGB.basic[...])
    case .many: nearest(in: RGB.fixed[...]).map { $0 + 16 }
    }
  }

  private func nearest(in colors: ArraySlice<RGB>) -> Int? {
    colors.indices.min { distance(to: colors[$0]) < distance(to: colors[$1]) }
  }

  /// The sixteen basic colours, as xterm has them.
  private static let basic: [RGB] = [
    RGB(red: 0, green: 0, blue: 0), RGB(red: 205, green: 0, blue: 0),
    RGB(red: 0, green: 205, blue: 0), RGB(red: 205, green: 205, blue: 0),
    RGB(red: 0, green: 0, blue: 238), RGB(red: 205, green: 0, blue: 205),
    RGB(red: 0, green: 205, blue: 205), RGB(red: 229, green: 229, blue: 229),
    RGB(red: 127, green: 127, blue: 127), RGB(red: 255, green: 0, blue: 0),
    RGB(red: 0, green: 255, blue: 0), RGB(red: 255, green: 255, blue: 0),
    RGB(red: 92, green: 92, blue: 255), RGB(red: 255, green: 0, blue: 255),
    RGB(red: 0, green: 255, blue: 255), RGB(red: 255, green: 255, blue: 255),
  ]

  /// The colours 16...255.
  private static let fixed: [RGB] = {
    let steps = [0, 95, 135, 175, 215, 255]
    var colors: [RGB] = []
    for red in steps {
      for green in steps {
        for blue in steps { colors.append(RGB(red: red, green: green, blue: blue)) }
      }
    }
    for grey in 0..<24 {
      let level = 8 + 10 * grey
      colors.append(RGB(red: level, green: level, blue: level))
    }
    return colors
  }()
}
