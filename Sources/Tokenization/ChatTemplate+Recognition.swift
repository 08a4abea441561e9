package import GGUF
package import Jinja

extension ChatTemplate {
  /// What a file says about its template.
  package struct Recognition: Hashable, Sendable {
    /// The template to use.
    package var template: ChatTemplate
    /// A sentence for the user when the template is not the file's own; nil when it is.
    package var notice: String?
  }

  /// The template in `tokenizer.chat_template`, with `date` for what it may say of today. Where it cannot
  /// be run, the known template of its family, told by its markers, and a notice; ChatML, and a
  /// notice, where the file has none or an unknown one.
  package static func recognized(in metadata: Metadata, date: JinjaDate = .now) -> Recognition {
    guard let source = metadata["tokenizer.chat_template"]?.string else {
      return Recognition(
        template: .chatML(defaultSystem: nil),
        notice: "this file has no chat template; ChatML is used instead (--raw uses none)")
    }
    let family = family(describedBy: source, in: metadata)
    do throws(JinjaError) {
      let tokens = OwnTemplate.Tokens(
        bos: text("bos", in: metadata) ?? "", eos: text("eos", in: metadata) ?? "")
      let own = try OwnTemplate(source, tokens: tokens, date: date, family: family)
      return Recognition(template: .own(own), notice: nil)
    } catch {
      let known = family ?? .chatML(defaultSystem: nil)
      let what = family == nil ? "ChatML" : "the known template of its family, \(known.name),"
      return Recognition(
        template: known,
        notice: "this file's chat template cannot be run (\(error)); \(what) is used instead "
          + "(--raw uses none)")
    }
  }

  private static func family(
    describedBy source: String, in metadata: Metadata
  ) -> ChatTemplate? {
    func has(_ markers: String...) -> Bool { markers.allSatisfy(source.contains) }
    if has("<|im_start|>", "<|im_end|>") {
      // Two relatives that put other things between their markers.
      if has("<|im_sep|>") || has("<end_of_utterance>") { return nil }
      return .chatML(defaultSystem: nil)
    }
    if has("<|start_header_id|>", "<|eot_id|>") {
      return .llama3(preamble: llama3Preamble(in: source))
    }
    if has("<start_of_turn>", "<end_of_turn>") { return .gemma }
    if has("[INST]", "<<SYS>>") { return .llama2 }
    if has("[INST]") { return has("[SYSTEM_PROMPT]") ? nil : .mistral(mistralSpacing(in: source)) }
    if has("<|user|>", "<|assistant|>"), !has("<|end|>") {
      guard let end = text("eos", in: metadata), has("eos_token") || source.contains(end) else {
        return nil
      }
      return .zephyr(end: end)
    }
    return nil
  }

  /// The dates that Llama 3.1 and later put in front of the system text. A template that asks for
  /// today's date has this fallback, which keeps a conversation reproducible.
  private static func llama3Preamble(in source: String) -> String? {
    source.contains("Cutting Knowledge Date: December 2023")
      ? "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n" : nil
  }

  /// The generation of a Mistral template, told as in llama.cpp (`src/llama-chat.cpp`).
  private static func mistralSpacing(in source: String) -> MistralSpacing {
    let systemAware = [
      "[AVAILABLE_TOOLS]", "[INST] ' + system_message", "[INST] \" + system_message",
    ]
    guard systemAware.contains(where: { source.contains($0) }) else {
      return source.contains("eos_token + ' '") ? .spaced : .original
    }
    if source.contains("' [INST]") || source.contains("\" [INST]") { return .v1 }
    return source.contains("\"[INST]\"") ? .v3Tekken : .v3
  }

  /// The text of the file's token with a meaning, such as `eos`.
  private static func text(_ token: String, in metadata: Metadata) -> String? {
    guard let id = metadata["tokenizer.ggml.\(token)_token_id"]?.int,
      let tokens = metadata["tokenizer.ggml.tokens"]?.array, tokens.indices.contains(id)
    else { return nil }
    return tokens[id].string
  }
}
