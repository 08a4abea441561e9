import ArgumentParser

/// The depths that `--exits` names.
enum DepthList {
  /// The depths in `text`, each once, for a model of `blockCount` blocks.
  static func parse(_ text: String, blockCount: Int) throws -> [Int] {
    let depths = text.split(separator: ",").map { Int($0) ?? 0 }
    guard !depths.isEmpty, depths.allSatisfy({ (1..<blockCount).contains($0) }),
      Set(depths).count == depths.count
    else {
      throw ValidationError(
        "--exits takes depths from 1 to \(blockCount - 1) with commas, such as 20,25.")
    }
    return depths
  }
}
