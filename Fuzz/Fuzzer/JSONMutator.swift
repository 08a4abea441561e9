import CLibFuzzer
import Dials

/// libFuzzer asks this for the next input, in the place of its own changes of bytes, which it still makes one time
/// in four: of a text in JSON a value, or a line, becomes another.
@_cdecl("LLVMFuzzerCustomMutator")
func mutate(
  _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ limit: Int, _ seed: UInt32
) -> Int {
  var random = SplitMix64(seed: UInt64(seed))
  guard Running.target?.isJSON == true, size > 2, random.next() % 4 != 0 else {
    return LLVMFuzzerMutate(data, size, limit)
  }
  var bytes = Array(UnsafeBufferPointer(start: data, count: size))
  for _ in 0...random.next() % 3 { JSONMutator.change(&bytes, &random) }
  guard bytes.count <= limit, !bytes.isEmpty else { return LLVMFuzzerMutate(data, size, limit) }
  data.update(from: bytes, count: bytes.count)
  return bytes.count
}

/// Changes of JSON that leave it JSON.
enum JSONMutator {
  /// What a reader could trip over.
  private static let values = [
    "0", "-1", "1", "-0.0", "0.5", "63", "64", "128", "129", "1000000", "2147483648", "4294967296",
    "9007199254740993", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
    "18446744073709551615", "1e18", "1e19", "1e308", "-1e308", "5e-324", "1e999", "\"nan\"",
    "\"inf\"", "\"-inf\"", "null", "true", "[]", "{}", "[[]]", "[1,2]", "\"\"", "\"off\"",
    "\"\\u0000\"", "\"\\u001b[2J\"", "\"\\ud800\"", "\"e\\u0301\"", "\"日本\"", "\"####!..\"",
  ]

  static func change(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    if random.next() % 5 == 0 { return changeLine(&bytes, &random) }
    let starts = tokenStarts(in: bytes)
    guard !starts.isEmpty else { return }
    let start = starts[Int(random.next() % UInt64(starts.count))]
    let range = start..<end(of: start, in: bytes)
    let value = Array(values[Int(random.next() % UInt64(values.count))].utf8)
    bytes.replaceSubrange(range, with: value)
  }

  /// Doubles, drops or moves a line.
  private static func changeLine(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    var lines = bytes.split(separator: 0x0a).map(Array.init)
    guard !lines.isEmpty else { return }
    let place = Int(random.next() % UInt64(lines.count))
    let other = Int(random.next() % UInt64(lines.count))
    switch random.next() % 3 {
    case 0: lines.insert(lines[place], at: other)
    case 1: lines.remove(at: place)
    default: lines.swapAt(place, other)
    }
    bytes = Array(lines.joined(separator: [0x0a])) + [0x0a]
  }

  /// Where numbers, texts and words begin that stand for a value: behind a colon, a comma or a bracket.
  private static func tokenStarts(in bytes: [UInt8]) -> [Int] {
    var starts: [Int] = []
    var isOpen = false
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: ","): isOpen = true
      case 0x20, 0x0a, 0x0d, 0x09: continue
      default:
        if isOpen { starts.append(index) }
        isOpen = false
      }
    }
    return starts
  }

  private static func end(of start: Int, in bytes: [UInt8]) -> Int {
    var end = start + 1
    if bytes[start] == UInt8(ascii: "\"") {
      while end < bytes.count, bytes[end] != UInt8(ascii: "\"") { end += 1 }
      return min(end + 1, bytes.count)
    }
    let closers = Array(",]}:\n ".utf8)
    while end < bytes.count, !closers.contains(bytes[end]) { end += 1 }
    return end
  }
}
