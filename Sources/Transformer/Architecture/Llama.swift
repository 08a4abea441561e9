extension Architecture {
  /// Llama 1 to 3 (arXiv 2302.13971, 2407.21783) and what is built like them.
  package static let llama = Architecture(
    name: "llama", models: "SmolLM2, TinyLlama, Llama 2 and 3, Mistral",
    huggingFace: HuggingFaceNames(modelClass: "LlamaForCausalLM", modelType: "llama"),
    ropeFactors: .llama3)
}
