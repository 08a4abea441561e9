package import GGUF

/// The `llama.` keys of a model's file that are understood, so that others can be named.
package enum LlamaKeys {
  /// Keys of models that compute something else besides, with the values that change nothing.
  static let ofOtherModels: [(key: String, usual: [Double])] = [
    ("embedding_scale", [0, 1]), ("residual_scale", [0, 1]), ("logit_scale", [0, 1]),
    ("attention.scale", [0]), ("attention.clamp_kqv", [0]), ("attention.max_alibi_bias", [0]),
    ("attention.causal", [1]), ("attn_logit_softcapping", [0]), ("final_logit_softcapping", [0]),
    ("use_parallel_residual", [0]), ("expert_count", [0]),
  ]

  /// Keys that the pass reads.
  private static let read: Set<String> = [
    "block_count", "embedding_length", "feed_forward_length", "context_length", "vocab_size",
    "attention.head_count", "attention.head_count_kv", "attention.key_length",
    "attention.value_length", "attention.layer_norm_rms_epsilon", "rope.dimension_count",
    "rope.freq_base", "rope.scaling.type", "rope.scaling.factor", "rope.scale_linear",
  ]

  /// Keys that say nothing about the pass of the models that are read.
  private static let silent: Set<String> = [
    "attention.layer_norm_epsilon", "tensor_data_layout", "expert_used_count",
    "rope.scaling.original_context_length", "rope.scaling.finetuned", "pooling_type",
  ]

  private static let keys = KnownKeys(
    below: "llama.", read.union(silent).union(ofOtherModels.map(\.key)),
    consequence: "where it changes the model, the text is another than the model's own")

  /// The keys of the pass that nothing here knows, in the order of the alphabet.
  package static func unknown(in metadata: Metadata) -> [String] { keys.unknown(in: metadata) }

  /// What a person is told of them; nil where all are known.
  package static func notice(of metadata: Metadata) -> String? { keys.notice(of: metadata) }
}
