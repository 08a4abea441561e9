extension Architecture {
  /// Qwen3 (arXiv 2505.09388): queries and keys are normalised head by head; no biases.
  package static let qwen3 = Architecture(
    name: "qwen3", models: "Qwen3",
    huggingFace: HuggingFaceNames(modelClass: "Qwen3ForCausalLM", modelType: "qwen3"),
    pairs: .halves, queryKeyNorm: .perHead)
}
