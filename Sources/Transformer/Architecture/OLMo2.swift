extension Architecture {
  /// OLMo 2 (arXiv 2501.00656): norms behind attention and feed-forward instead of before them, and over
  /// all queries, and all keys, of a row. Files of OLMo 3 say the same name, and have windows.
  package static let olmo2 = Architecture(
    name: "olmo2", models: "OLMo 2, OLMo 3",
    huggingFace: HuggingFaceNames(modelClass: "Olmo2ForCausalLM", modelType: "olmo2"),
    pairs: .halves, windows: .allBut(every: 4), windowedRotation: .plain(base: nil),
    normsInputs: false, normsOutputs: true, queryKeyNorm: .wholeRow)
}
