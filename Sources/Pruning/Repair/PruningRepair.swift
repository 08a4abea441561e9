package import Dials

/// A repair as a manifest names it: enough to tell it from another.
package struct PruningRepair: Hashable, Codable, Sendable {
  /// How it was made.
  package var method: RepairMethod
  /// The blocks that are gone, first to last.
  package var blocks: [BlockIndex]
  /// The SHA-256 of the text that it was made on, as token ids.
  package var calibrationSHA256: String
  /// Tokens of that text.
  package var tokenCount: Int
  /// The SHA-256 of the repair's file.
  package var sha256: String

  /// A repair, and the digest of its file.
  init(_ head: RepairFile.Head, sha256: String) {
    method = head.method
    blocks = head.blocks.sorted
    calibrationSHA256 = head.calibrationSHA256
    tokenCount = head.tokenCount
    self.sha256 = sha256
  }
}

extension PruningManifest {
  /// The repair of the model without these blocks that it names.
  package func repair(_ method: RepairMethod, without blocks: BlockSet) -> PruningRepair? {
    repairs?.first { $0.method == method && BlockSet($0.blocks) == blocks }
  }

  /// Names a repair, in the place of an older one of the same kind.
  package mutating func note(_ repair: PruningRepair) {
    let others = (repairs ?? []).filter {
      $0.method != repair.method || $0.blocks != repair.blocks
    }
    repairs = others + [repair]
  }
}
