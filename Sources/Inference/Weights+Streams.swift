import GGUF
import Transformer

extension Weights {
  /// Whether blocks give other streams than those of `other`, under some settings at least.
  func runOtherwise(than other: Weights) -> Bool {
    changes != nil || other.changes != nil || repair?.file.path != other.repair?.file.path
  }
}
