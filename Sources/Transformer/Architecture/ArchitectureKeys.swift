package import GGUF

/// The keys of a family's files that are understood, so that others can be named.
extension Architecture {
  /// Keys of models that compute something else besides, with the values that change nothing.
  var keysOfOtherModels: [(key: String, usual: [Double])] {
    let scales: [(key: String, usual: [Double])] = [
      ("embedding_scale", [0, 1]), ("residual_scale", [0, 1]), ("logit_scale", [0, 1]),
      ("attention.scale", [0]),
    ]
    let own = ownKeys
    return (scales + Self.others).filter { !own.contains($0.key) }
  }

  private static let others: [(key: String, usual: [Double])] = [
    ("attention.clamp_kqv", [0]), ("attention.max_alibi_bias", [0]), ("attention.causal", [1]),
    ("attn_logit_softcapping", [0]), ("final_logit_softcapping", [0]),
    ("use_parallel_residual", [0]), ("expert_count", [0]),
  ]

  /// Keys that this family's pass reads and others do not.
  private var ownKeys: Set<String> {
    let rules = [embeddingScale, residualScale, attentionScale, logitScale]
    var keys = Set(
      rules.compactMap { rule in
        if case .key(let key, _) = rule { key } else { nil }
      })
    for case let key? in [rotationSwitch, logitCapKey] { keys.insert(key) }
    return keys
  }

  /// Keys that the pass of every family reads.
  private static let read: Set<String> = [
    "block_count", "embedding_length", "feed_forward_length", "context_length", "vocab_size",
    "attention.head_count", "attention.head_count_kv", "attention.key_length",
    "attention.value_length", "attention.layer_norm_rms_epsilon", "rope.dimension_count",
    "rope.freq_base", "rope.scaling.type", "rope.scaling.factor", "rope.scale_linear",
    "rope.scaling.original_context_length", "rope.scaling.attn_factor",
    "attention.sliding_window",
  ]

  /// Keys that windows bring.
  private static let readWithWindows: Set<String> = [
    "attention.sliding_window_pattern", "rope.freq_base_swa",
  ]

  /// Keys that say nothing about the pass of the models that are read.
  private static let silent: Set<String> = [
    "attention.layer_norm_epsilon", "tensor_data_layout", "expert_used_count",
    "rope.scaling.finetuned", "pooling_type", "rope.scaling.yarn_log_multiplier",
    "rope.scaling.yarn_ext_factor", "rope.scaling.yarn_attn_factor",
    "rope.scaling.yarn_beta_fast", "rope.scaling.yarn_beta_slow",
  ]

  private var knownKeys: KnownKeys {
    var known = Self.read.union(Self.silent).union(keysOfOtherModels.map(\.key)).union(ownKeys)
    if windows != .none { known.formUnion(Self.readWithWindows) }
    return KnownKeys(
      below: name + ".", known,
      consequence: "where it changes the model, the text is another than the model's own")
  }

  /// The keys of the pass that nothing here knows, in the order of the alphabet; none for a family that
  /// is not run.
  package static func unknownKeys(in metadata: Metadata) -> [String] {
    (try? Architecture(metadata: metadata))?.knownKeys.unknown(in: metadata) ?? []
  }

  /// What a person is told of them; nil where all are known.
  package static func keyNotice(of metadata: Metadata) -> String? {
    (try? Architecture(metadata: metadata))?.knownKeys.notice(of: metadata)
  }
}
