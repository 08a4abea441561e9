extension Architecture {
  /// Gemma 3, text (arXiv 2503.19786): five blocks with a window to one without, each with its own base of
  /// RoPE; norms before and behind; a GELU; embeddings times √width.
  package static let gemma3 = Architecture(
    name: "gemma3", models: "Gemma 3",
    huggingFace: HuggingFaceNames(modelClass: "Gemma3ForCausalLM", modelType: "gemma3_text"),
    pairs: .halves, windows: .allBut(every: 6), windowedRotation: .plain(base: 10_000),
    normsOutputs: true, queryKeyNorm: .perHead, activation: .geluTanh, embeddingScale: .widthRoot,
    attentionScale: .headShareRoot(blockCount: 62), logitCapKey: "final_logit_softcapping")
}
