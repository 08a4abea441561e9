import GGUF
import TestSupport
import Testing
import Tokenization

@Suite struct TemplateRecognitionTests {
  private func recognized(_ source: String) -> ChatTemplate.Recognition {
    ChatTemplate.recognized(in: [
      "tokenizer.chat_template": .string(source), "tokenizer.ggml.eos_token_id": .unsigned(1),
      "tokenizer.ggml.tokens": .array([.string("<unk>"), .string("</s>")]),
    ])
  }

  @Test(.needsModel)
  func `the default model's template brings its own system message`() throws {
    let file = try GGUFFile(path: #require(SharedData.model))
    let recognition = ChatTemplate.recognized(in: file.metadata)
    #expect(recognition.notice == nil)
    #expect(
      recognition.template
        == .chatML(
          defaultSystem: "You are a helpful AI assistant named SmolLM, trained by Hugging Face"))
    #expect(
      recognition.template.render([ChatMessage(.user, "Hi")], addGenerationPrompt: true)
        == "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging "
        + "Face<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n")
  }

  @Test(arguments: [
    ("{{ '<|im_start|>' + role + '\\n' + text + '<|im_end|>\\n' }}", nil),
    ("{{ '<|im_start|>system\\n' + text + '<|im_end|>\\n' }}", nil),
    ("{{- \"<|im_start|>system\\nIt's me.<|im_end|>\\n\" -}}", "It's me."),
    ("{{ '<|im_start|>system\\nSay \\'no\\'.<|im_end|>\\n' }}", "Say 'no'."),
    ("{% if x %}<|im_start|>system\nPlain.<|im_end|>\n{% endif %}", "Plain."),
    ("{# '<|im_start|>system\\nNo.<|im_end|>' #}{{ '<|im_start|>' + '<|im_end|>' }}", nil),
  ])
  func `a default system message is read out of a ChatML template`(
    source: String, system: String?
  ) {
    #expect(recognized(source).template == .chatML(defaultSystem: system))
    #expect(recognized(source).notice == nil)
  }

  @Test(arguments: [
    ("{{ bos_token + '[INST] <<SYS>>\\n' + system }}", ChatTemplate.llama2),
    (
      "{{ '<|start_header_id|>' + role + '<|end_header_id|>' + text + '<|eot_id|>' }}",
      .llama3(preamble: nil)
    ),
    (
      "{{ '<|start_header_id|>' }}{{ \"Cutting Knowledge Date: December 2023\\n\" }}<|eot_id|>",
      .llama3(
        preamble: "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n")
    ),
    ("{{ '<|user|>\\n' + text + eos_token }}{{ '<|assistant|>' }}", .zephyr(end: "</s>")),
    ("{{ '[INST] ' + text + ' [/INST]' }}{{ text + eos_token}}", .mistral(.original)),
    ("{{ '[INST] ' + text + ' [/INST]' }}{{ text + eos_token + ' ' }}", .mistral(.spaced)),
    ("{{ ' [INST] ' + system_message + '\\n\\n' + text + ' [/INST]' }}", .mistral(.v1)),
    ("[AVAILABLE_TOOLS]{{ \"[INST] \" + text + \"[/INST]\" }}", .mistral(.v3)),
    ("[AVAILABLE_TOOLS]{{ \"[INST]\" + text + \"[/INST]\" }}", .mistral(.v3Tekken)),
    ("{{ '<start_of_turn>' + role + '\\n' + text + '<end_of_turn>\\n' }}", .gemma),
  ])
  func `each family is told by its markers`(source: String, expected: ChatTemplate) {
    #expect(recognized(source).template == expected)
    #expect(recognized(source).notice == nil)
  }

  @Test(arguments: [
    "{{ 'USER: ' + text }}", "", "{{", "{% '", "{{ '\\",
    "{{ '<|user|>\\n' + text + '<|end|>\\n<|assistant|>\\n' }}",
    "{{ '<|im_start|>' + role + '<|im_sep|>' + text + '<|im_end|>' }}",
    "{{ '[SYSTEM_PROMPT]' + system + '[INST]' }}",
  ])
  func `an unknown template says so and falls back to ChatML`(source: String) {
    let recognition = recognized(source)
    #expect(recognition.template == .chatML(defaultSystem: nil))
    #expect(recognition.notice?.contains("is not known; ChatML is used") == true)
  }

  @Test func `a file without a template says so`() {
    let recognition = ChatTemplate.recognized(in: [:])
    #expect(recognition.template == .chatML(defaultSystem: nil))
    #expect(recognition.notice?.contains("no chat template") == true)
  }
}
