/// A named choice between quality and cost, whose setting a certificate holds.
public enum Preset: String, Hashable, CaseIterable, Sendable {
  /// Full depth.
  case off
  case quality
  case balanced
  case saving
}

/// Which preset is in force, and whether its certificate holds for what runs.
///
/// A record has it as text: `off`, `balanced`, `balanced, uncertified: another sampler`.
public struct PresetState: Hashable, Sendable {
  /// The preset's name; nil where none is in force.
  public let name: String?
  /// Why the certificate does not hold, such as `another sampler`; empty where it holds.
  public let objections: [String]

  /// No preset is in force.
  public static let off = PresetState(.off)

  /// A preset with what its certificate does not hold for.
  public init(_ preset: Preset, objections: [String] = []) {
    name = preset == .off ? nil : preset.rawValue
    self.objections = preset == .off ? [] : objections
  }

  /// Reads what a record says; what is no preset at all is `off`.
  public init(parsing text: String) {
    let parts = text.split(separator: ",", maxSplits: 1).map(String.init)
    name = parts.first.flatMap { $0 == Preset.off.rawValue ? nil : $0 }
    objections =
      name == nil || parts.count == 1
      ? []
      : parts[1].trimmingPrefix(Self.doubt).split(separator: ", ").map(String.init)
  }

  /// Whether the certificate holds for what runs.
  public var isCertified: Bool { objections.isEmpty }

  fileprivate static let doubt = " uncertified: "
}

extension PresetState: Codable {
  /// Reads what a record says.
  public init(from decoder: any Decoder) throws {
    self.init(parsing: try decoder.singleValueContainer().decode(String.self))
  }

  /// Writes it.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension PresetState: CustomStringConvertible {
  /// What a record says.
  public var description: String {
    let name = name ?? Preset.off.rawValue
    return isCertified ? name : "\(name),\(Self.doubt)\(objections.joined(separator: ", "))"
  }
}
