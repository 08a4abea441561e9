extension Unicode.Scalar {
  /// Whether it could steer a terminal, turn the direction of writing or hide text: controls, formats and
  /// separators of lines. The joiners U+200C and U+200D are needed to write some languages, and are text.
  package var isSteering: Bool {
    switch value {
    case 0x00...0x1F, 0x7F: return true
    case 0x20...0x7E, 0x200C, 0x200D: return false
    default: break
    }
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: return true
    default: return false
    }
  }
}
