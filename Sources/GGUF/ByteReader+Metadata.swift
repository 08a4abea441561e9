/// The value types of the format, by their number in the file.
enum MetadataType: UInt32 {
  case uint8 = 0
  case int8 = 1
  case uint16 = 2
  case int16 = 3
  case uint32 = 4
  case int32 = 5
  case float32 = 6
  case bool = 7
  case string = 8
  case array = 9
  case uint64 = 10
  case int64 = 11
  case float64 = 12

  /// The least bytes that a value of this type takes.
  var minimumBytes: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .string, .uint64, .int64, .float64: 8
    case .array: 12
    }
  }
}

extension ByteReader {
  /// `count` entries of key, type and value.
  mutating func metadata(count: Int) throws(GGUFError) -> Metadata {
    var metadata: Metadata = [:]
    for index in 0..<count {
      let place = offset
      let key = try text(of: "metadata key \(index)", cap: Limits.nameBytes)
      let type = try valueType(of: key)
      let value = try value(of: type, key: key, depth: 0)
      guard metadata.updateValue(value, forKey: key) == nil else {
        throw failure(
          .duplicateName, at: place, name: key,
          "this metadata key is there twice. \(GGUFError.damaged)")
      }
    }
    return metadata
  }

  private mutating func valueType(of key: String) throws(GGUFError) -> MetadataType {
    let place = offset
    let number = try integer(UInt32.self, of: "the type of a metadata value")
    guard let type = MetadataType(rawValue: number) else {
      throw failure(
        .badValue, at: place, name: key,
        "there is no metadata type \(number). \(GGUFError.damaged)")
    }
    return type
  }

  private mutating func value(
    of type: MetadataType, key: String, depth: Int
  ) throws(GGUFError) -> MetadataValue {
    let what = "a metadata value"
    return switch type {
    case .uint8: .unsigned(UInt64(try integer(UInt8.self, of: what)))
    case .int8: .integer(Int64(try integer(Int8.self, of: what)))
    case .uint16: .unsigned(UInt64(try integer(UInt16.self, of: what)))
    case .int16: .integer(Int64(try integer(Int16.self, of: what)))
    case .uint32: .unsigned(UInt64(try integer(UInt32.self, of: what)))
    case .int32: .integer(Int64(try integer(Int32.self, of: what)))
    case .uint64: .unsigned(try integer(UInt64.self, of: what))
    case .int64: .integer(try integer(Int64.self, of: what))
    case .float32: .float(Double(Float(bitPattern: try integer(UInt32.self, of: what))))
    case .float64: .float(Double(bitPattern: try integer(UInt64.self, of: what)))
    case .bool: .bool(try truth(of: key))
    case .string: .string(try text(of: what, cap: Limits.textBytes, name: key))
    case .array: .array(try list(of: key, depth: depth + 1))
    }
  }

  private mutating func truth(of key: String) throws(GGUFError) -> Bool {
    let place = offset
    let byte = try integer(UInt8.self, of: "a truth value")
    guard byte <= 1 else {
      throw failure(
        .badValue, at: place, name: key,
        "a truth value is 0 or 1, here it is \(byte). \(GGUFError.damaged)")
    }
    return byte == 1
  }

  private mutating func list(of key: String, depth: Int) throws(GGUFError) -> [MetadataValue] {
    guard depth <= Limits.depth else {
      throw failure(
        .absurdLength, name: key,
        "lists lie more than \(Limits.depth) deep in each other. \(GGUFError.damaged)")
    }
    let type = try valueType(of: key)
    let count = try count(
      of: "list length", unit: type.minimumBytes, cap: elementsLeft, name: key)
    elementsLeft -= count
    var values: [MetadataValue] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try value(of: type, key: key, depth: depth)) }
    return values
  }
}
