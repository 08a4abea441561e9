package import GGUF

/// The `tokenizer.ggml.` keys of a model's file that are understood, so that others can be named.
package enum TokenizerKeys {
  /// Keys that are read here.
  private static let read: Set<String> = [
    "model", "pre", "tokens", "token_type", "scores", "merges", "bos_token_id", "eos_token_id",
    "eot_token_id", "eom_token_id", "unknown_token_id", "add_bos_token", "add_eos_token",
    "add_space_prefix",
  ]

  /// Keys that change no text and no answer of the two families that are read: what fills gaps or asks a
  /// model for the middle of a text, and what only tokenizers of other families look at.
  private static let silent: Set<String> = [
    "padding_token_id", "seperator_token_id", "cls_token_id", "mask_token_id", "token_type_count",
    "add_sep_token", "remove_extra_whitespaces", "precompiled_charsmap", "fim_pre_token_id",
    "fim_suf_token_id", "fim_mid_token_id", "fim_pad_token_id", "fim_rep_token_id",
    "fim_sep_token_id", "prefix_token_id", "suffix_token_id", "middle_token_id",
  ]

  private static let keys = KnownKeys(
    below: "tokenizer.ggml.", read.union(silent),
    consequence: "where it changes how a text becomes tokens, or which may be written, the answer "
      + "is another than the model's own")

  /// Those that nothing here knows, in the order of the alphabet.
  package static func unknown(in metadata: Metadata) -> [String] { keys.unknown(in: metadata) }

  /// What a person is told of them; nil where all are known.
  package static func notice(of metadata: Metadata) -> String? { keys.notice(of: metadata) }
}
