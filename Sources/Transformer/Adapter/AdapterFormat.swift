/// How an adapter's file names the LoRA delta of a tensor, and what the delta is multiplied by: as
/// llama.cpp has it (docs/ADAPTERS.md).
package enum AdapterFormat {
  /// The name of A, [rank, inputs], of the tensor's delta.
  package static func loraA(of tensor: String) -> String { tensor + ".lora_a" }

  /// The name of B, [outputs, rank], of the tensor's delta.
  package static func loraB(of tensor: String) -> String { tensor + ".lora_b" }

  /// The factor of `B · A`: α / rank.
  package static func loraFactor(alpha: Float, rank: Int) -> Float { alpha / Float(rank) }
}
