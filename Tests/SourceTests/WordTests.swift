import Testing

/// One word for one thing: what repeats in a transformer is a block.
struct WordTests {
  /// Names of others that say "layer": fields of the record and of files, papers, words of another meaning.
  private static let foreign: Set = [
    // The record's fields, and what carries them.
    "layers", "Layer", "draftLayers", "draft_layers", "nLayer", "n_layer",
    // Keys of model files and of transformers' configurations.
    "layer_norm_rms_epsilon", "layer_norm_epsilon", "num_hidden_layers", "input_layernorm",
    "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm",
    // A paper.
    "LayerSkip",
  ]
  @Test func `a block is called a block`() {
    for file in SourceTree.code where file.path.hasPrefix("Sources/") && file.text.contains("ayer")
    {
      for (index, line) in file.lines.enumerated() where line.contains("ayer") {
        let words = line.matches(of: /\w*[Ll]ayer\w*/).map { String($0.0) }
        let own = words.filter { !Self.foreign.contains($0) && !$0.contains(/[Pp]layer/) }
        #expect(own.isEmpty, "\(file):\(index + 1) says \(own)")
      }
    }
  }
}
