extension Architecture {
  /// Granite 3 (IBM, 2024), dense: Llama with four factors (maximal update parametrisation).
  package static let granite = Architecture(
    name: "granite", models: "Granite 3",
    huggingFace: HuggingFaceNames(modelClass: "GraniteForCausalLM", modelType: "granite"),
    ropeFactors: .llama3, rotationSwitch: "rope.scaling.finetuned",
    embeddingScale: .key("embedding_scale", orElse: .one),
    residualScale: .key("residual_scale", orElse: .one),
    attentionScale: .key("attention.scale", orElse: .one),
    logitScale: .key("logit_scale", orElse: .one))
}
