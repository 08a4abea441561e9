extension Architecture {
  /// Qwen2 and Qwen2.5 (arXiv 2407.10671, 2412.15115): Llama with biases on query, key and value.
  package static let qwen2 = Architecture(
    name: "qwen2", models: "Qwen2, Qwen2.5",
    huggingFace: HuggingFaceNames(modelClass: "Qwen2ForCausalLM", modelType: "qwen2"),
    pairs: .halves, hasBiases: true)
}
