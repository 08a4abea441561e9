import TestSupport
import Testing
import Tokenization

/// Each expected text is what the model's own Jinja template gives for the conversation (rendered with
/// jinja2, blocks trimmed as HuggingFace's libraries do).
@Suite struct ChatTemplateTests {
  private let chat = [
    ChatMessage(.system, "Be brief."), ChatMessage(.user, "  Hi\n"),
    ChatMessage(.assistant, " Hello. "), ChatMessage(.user, "Bye"),
  ]

  @Test func `ChatML is rendered`() {
    let template = ChatTemplate.chatML(defaultSystem: "You help.")
    let talk =
      "<|im_start|>user\n  Hi\n<|im_end|>\n<|im_start|>assistant\n Hello. <|im_end|>\n"
      + "<|im_start|>user\nBye<|im_end|>\n"
    #expect(
      template.render(chat, addGenerationPrompt: true)
        == "<|im_start|>system\nBe brief.<|im_end|>\n" + talk + "<|im_start|>assistant\n")
    let withoutSystem = Array(chat.dropFirst())
    #expect(
      template.render(withoutSystem, addGenerationPrompt: false)
        == "<|im_start|>system\nYou help.<|im_end|>\n" + talk)
    #expect(
      ChatTemplate.chatML(defaultSystem: nil).render(withoutSystem, addGenerationPrompt: false)
        == talk)
  }

  @Test func `Llama 2 is rendered`() {
    #expect(
      ChatTemplate.llama2.render(chat, addGenerationPrompt: true)
        == "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\n  Hi [/INST] Hello. </s><s>[INST] Bye [/INST]"
    )
    #expect(
      ChatTemplate.llama2.render(Array(chat[1...2]), addGenerationPrompt: false)
        == "<s>[INST] Hi [/INST] Hello. </s>")
  }

  @Test func `Llama 3 is rendered`() {
    let talk =
      "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
      + "<|start_header_id|>assistant<|end_header_id|>\n\nHello.<|eot_id|>"
      + "<|start_header_id|>user<|end_header_id|>\n\nBye<|eot_id|>"
    let system = "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\n"
    #expect(
      ChatTemplate.llama3(preamble: nil).render(chat, addGenerationPrompt: true)
        == system + "Be brief.<|eot_id|>" + talk
        + "<|start_header_id|>assistant<|end_header_id|>\n\n")
    let withoutSystem = Array(chat.dropFirst())
    #expect(
      ChatTemplate.llama3(preamble: nil).render(withoutSystem, addGenerationPrompt: false)
        == "<|begin_of_text|>" + talk)
    let dated = ChatTemplate.llama3(preamble: "Today Date: 26 Jul 2024\n\n")
    #expect(
      dated.render(chat, addGenerationPrompt: false)
        == system + "Today Date: 26 Jul 2024\n\nBe brief.<|eot_id|>" + talk)
    #expect(
      dated.render(withoutSystem, addGenerationPrompt: false)
        == system + "Today Date: 26 Jul 2024\n\n<|eot_id|>" + talk)
  }

  @Test func `Zephyr is rendered`() {
    #expect(
      ChatTemplate.zephyr(end: "</s>").render(chat, addGenerationPrompt: true)
        == "<|system|>\nBe brief.</s>\n<|user|>\n  Hi\n</s>\n<|assistant|>\n Hello. </s>\n"
        + "<|user|>\nBye</s>\n<|assistant|>\n")
  }

  @Test(arguments: [
    (
      MistralSpacing.original,
      "<s>[INST] Be brief.\n\n  Hi\n [/INST] Hello. </s>[INST] Bye [/INST]"
    ),
    (.spaced, "<s>[INST] Be brief.\n\n  Hi\n [/INST] Hello. </s> [INST] Bye [/INST]"),
    (.v1, "<s> [INST] Be brief.\n\n  Hi\n [/INST]  Hello. </s> [INST] Bye [/INST]"),
    (.v3, "<s>[INST] Be brief.\n\n  Hi\n[/INST]  Hello. </s>[INST] Bye[/INST]"),
    (.v3Tekken, "<s>[INST]Be brief.\n\n  Hi\n[/INST] Hello. </s>[INST]Bye[/INST]"),
  ])
  func `each Mistral is rendered`(spacing: MistralSpacing, expected: String) {
    #expect(ChatTemplate.mistral(spacing).render(chat, addGenerationPrompt: true) == expected)
  }

  @Test func `Gemma is rendered`() {
    #expect(
      ChatTemplate.gemma.render(chat, addGenerationPrompt: true)
        == "<bos><start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n"
        + "<start_of_turn>model\nHello.<end_of_turn>\n"
        + "<start_of_turn>user\nBye<end_of_turn>\n<start_of_turn>model\n")
  }

  @Test func `no template renders the texts in a row`() {
    #expect(
      ChatTemplate.raw.render(chat, addGenerationPrompt: true) == "Be brief.  Hi\n Hello. Bye")
  }
}
