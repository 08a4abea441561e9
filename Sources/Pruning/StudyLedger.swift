package import Dials
package import Files
import Foundation

/// What a study of one model has measured so far, in a file that grows by a line at a time: an
/// interrupted study goes on from there, and a longer one measures only what is new.
package struct StudyLedger {
  /// Where it lies.
  package let path: String
  /// By the digest of a window: the summed loss in nats for each set of blocks left out.
  private var losses: [String: [BlockSet: Double]] = [:]
  private var orders: [Line.Order: [BlockIndex]] = [:]

  /// One line of the file: a window, or an order.
  private struct Line: Codable {
    struct Order: Hashable, Codable {
      var method: PruningMethod
      var calibration: String
    }
    struct Loss: Codable {
      var blocks: BlockSet
      var loss: Double
    }
    var window: String?
    var losses: [Loss]?
    var order: Order?
    var blocks: [BlockIndex]?
  }

  /// The ledger at `path`, empty where there is no file. Lines that cannot be read do not count.
  package init(path: String) {
    self.path = path
    guard let data = FileManager.default.contents(atPath: path) else { return }
    for part in data.split(separator: UInt8(ascii: "\n")) {
      if let line = try? JSONDecoder().decode(Line.self, from: Data(part)) { take(line) }
    }
  }

  /// The losses of a window that are known.
  package func losses(of window: String) -> [BlockSet: Double] { losses[window] ?? [:] }

  /// The order in which `method` lets the blocks go, if it was worked out on this calibration text.
  package func order(_ method: PruningMethod, calibration: String) -> [BlockIndex]? {
    orders[Line.Order(method: method, calibration: calibration)]
  }

  /// Keeps the losses of a window.
  package mutating func note(
    _ new: [BlockSet: Double], of window: String
  ) throws(FileError) {
    guard !new.isEmpty else { return }
    try add(Line(window: window, losses: new.map { Line.Loss(blocks: $0.key, loss: $0.value) }))
  }

  /// Keeps an order.
  package mutating func note(
    _ blocks: [BlockIndex], by method: PruningMethod, calibration: String
  ) throws(FileError) {
    let order = Line.Order(method: method, calibration: calibration)
    try add(Line(order: order, blocks: blocks))
  }

  private mutating func take(_ line: Line) {
    if let window = line.window {
      for entry in line.losses ?? [] { losses[window, default: [:]][entry.blocks] = entry.loss }
    }
    if let order = line.order, let blocks = line.blocks,
      blocks.allSatisfy({ (0..<BlockSet.capacity).contains($0.rawValue) }),
      Set(blocks).count == blocks.count
    {
      orders[order] = blocks
    }
  }

  private mutating func add(_ line: Line) throws(FileError) {
    do {
      try FileManager.default.createDirectory(
        at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
      try LineFile(path).append(JSONEncoder().encode(line))
    } catch {
      throw FileError(error, .writing, path: path)
    }
    take(line)
  }
}
