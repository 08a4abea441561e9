extension Architecture {
  /// Phi-3, 3.5 and 4 mini (arXiv 2404.14219): Llama with fused matrices, RoPE factors for long texts, and
  /// in some models a window in every block.
  package static let phi3 = Architecture(
    name: "phi3", models: "Phi-3, Phi-3.5, Phi-4 mini",
    huggingFace: HuggingFaceNames(modelClass: "Phi3ForCausalLM", modelType: "phi3"),
    pairs: .halves, ropeFactors: .longRope, windows: .every, isFused: true)
}
