extension Architecture {
  /// MiniCPM 1 and 2 (arXiv 2404.06395): Llama with factors (maximal update parametrisation). Older files
  /// have no keys for them, and mean those of the first models.
  package static let miniCPM = Architecture(
    name: "minicpm", models: "MiniCPM",
    huggingFace: HuggingFaceNames(modelClass: "MiniCPMForCausalLM", modelType: "minicpm"),
    ropeFactors: .llama3, embeddingScale: .key("embedding_scale", orElse: .number(12)),
    residualScale: .key("residual_scale", orElse: .perBlockRoot(1.4)),
    logitScale: .key("logit_scale", orElse: .widthOver(256)))
}
