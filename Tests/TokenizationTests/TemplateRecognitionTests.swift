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
  func `the default model's template is run as it is, to the tokens that it always had`() throws {
    let file = try GGUFFile(path: #require(SharedData.model))
    let recognition = ChatTemplate.recognized(in: file.metadata)
    #expect(recognition.notice == nil)
    let system = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
    #expect(
      recognition.template.render([ChatMessage(.user, "Hi")], addGenerationPrompt: true)
        == "<|im_start|>system\n\(system)<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
        + "<|im_start|>assistant\n")
    let tokenizer = try #require(RealVocabularies.smol)
    let written = ChatTemplate.chatML(defaultSystem: system)
    var generator = SeededGenerator(seed: 4)
    let words = ["hi", " ", "\n", "\n\n", "<|im_end|>", "é", "1234", "  word", "'s", "assistant\n"]
    for _ in 0..<300 {
      let chat = (0..<Int.random(in: 1...6, using: &generator)).map { index in
        let text = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
          words[Int.random(in: words.indices, using: &generator)]
        }
        let isFirst = index == 0 && Bool.random(using: &generator)
        return ChatMessage(isFirst ? .system : index % 2 == 1 ? .user : .assistant, text.joined())
      }
      #expect(
        tokenizer.encode(chat: chat, template: recognition.template, addGenerationPrompt: true)
          == tokenizer.encode(chat: chat, template: written, addGenerationPrompt: true))
    }
    #expect(
      tokenizer.encodeAnswerEnd(template: recognition.template)
        == tokenizer.encodeAnswerEnd(template: written))
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
  func `where a template cannot be run its family is told by its markers`(
    source: String, expected: ChatTemplate
  ) {
    let broken = "{% import 'x' as text %}" + source
    #expect(recognized(broken).template == expected)
    #expect(
      recognized(broken).notice?.contains(
        "cannot be run (unsupported construct 'import' at line 1)")
        == true)
    // As it stands it writes nothing of what is said.
    #expect(recognized(source).template == expected)
    #expect(recognized(source).notice?.contains("the known template of its family") == true)
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
    #expect(recognition.notice?.contains("cannot be run") == true)
    #expect(recognition.notice?.contains("; ChatML is used instead") == true)
  }

  @Test func `a file without a template says so`() {
    let recognition = ChatTemplate.recognized(in: [:])
    #expect(recognition.template == .chatML(defaultSystem: nil))
    #expect(recognition.notice?.contains("no chat template") == true)
  }
}
