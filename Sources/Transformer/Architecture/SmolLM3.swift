extension Architecture {
  /// SmolLM3 (Hugging Face, 2025): Llama in which every fourth block does not rotate (NoPE, arXiv
  /// 2501.18795).
  package static let smolLM3 = Architecture(
    name: "smollm3", models: "SmolLM3",
    huggingFace: HuggingFaceNames(modelClass: "SmolLM3ForCausalLM", modelType: "smollm3"),
    unrotatedEvery: 4)
}
