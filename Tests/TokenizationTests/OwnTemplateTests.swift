import Dials
import GGUF
import Jinja
import TestSupport
import Testing
import Tokenization

/// The chat template of a file, run as it is.
@Suite struct OwnTemplateTests {
  private let chat = [
    ChatMessage(.user, " Hi"), ChatMessage(.assistant, "Hello."), ChatMessage(.user, "Bye"),
  ]

  @Test func `it is used, and nothing is said about it`() {
    for template in OwnTemplates.all + [OwnTemplates.reasoning] {
      #expect(template.recognition.notice == nil)
      guard case .own = template.own else {
        Issue.record("\(template.source) is not used")
        return
      }
    }
  }

  @Test func `it writes what the template written out by hand writes`() throws {
    let markers = ["<|im_start|>", "<|im_end|>", "<|eot_id|>", "<|begin_of_text|>", "</s>", "<s>"]
    let tokenizer = try Tokenizer(metadata: SmallVocabularies.byteLevel(control: markers))
    let withSystem = [ChatMessage(.system, "S")] + chat
    var count = 0
    for template in OwnTemplates.all {
      guard let written = template.written else { continue }
      for chat in [chat, withSystem, Array(chat.prefix(1)), Array(chat.prefix(2))] {
        count += 1
        #expect(
          template.own.render(chat, addGenerationPrompt: true)
            == written.render(chat, addGenerationPrompt: true))
        #expect(
          tokenizer.encode(chat: chat, template: template.own, addGenerationPrompt: true)
            == tokenizer.encode(chat: chat, template: written, addGenerationPrompt: true))
      }
    }
    #expect(count == 12)
  }

  @Test func `a system message that is refused goes in front of the next question`() {
    #expect(
      OwnTemplates.gemma.own.render(
        [ChatMessage(.system, "Be brief.")] + chat.prefix(1), addGenerationPrompt: true)
        == "<bos><start_of_turn>user\nBe brief.\n\n Hi<end_of_turn>\n<start_of_turn>model\n")
  }

  @Test func `a conversation that is refused is written as its family does`() {
    let strict = OwnTemplates(
      source: """
        {% for message in messages %}{% if (message.role == 'user') != (loop.index0 % 2 == 0) %}
        {{ raise_exception('Roles must alternate') }}{% endif %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{% endfor %}
        {%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
        """, written: nil)
    #expect(strict.recognition.notice == nil)
    #expect(
      strict.own.render(
        [ChatMessage(.user, "a"), ChatMessage(.user, "b")], addGenerationPrompt: true)
        == "<|im_start|>user\na<|im_end|>\n<|im_start|>user\nb<|im_end|>\n<|im_start|>assistant\n")
  }

  @Test func `the date is the one that the template was given, for as long as it is in use`() {
    let own = OwnTemplates.reasoning.own
    let text = own.render(chat, addGenerationPrompt: true)
    #expect(text.hasPrefix("<|im_start|>system\nToday: 03 Feb 2025<|im_end|>\n"))
    #expect(own.render(chat, addGenerationPrompt: true) == text)
  }

  @Test func `reasoning is dropped where the template drops it, and switched where it asks`() throws
  {
    guard case .own(var own) = OwnTemplates.reasoning.own else { return }
    #expect(own.canThink)
    let answer = ChatMessage(.assistant, "<think>\nhm\n</think>\n\nYes.")
    let asked = [ChatMessage(.user, "Q"), answer, ChatMessage(.user, "R")]
    let text = ChatTemplate.own(own).render(asked, addGenerationPrompt: true)
    #expect(text.contains("<|im_start|>assistant\nYes.<|im_end|>\n"))
    #expect(!text.contains("hm") && text.hasSuffix("<|im_start|>assistant\n"))
    #expect(
      ChatTemplate.own(own).render(Array(asked.prefix(2)), addGenerationPrompt: false)
        .hasSuffix("assistant\n<think>\nhm\n</think>Yes.<|im_end|>\n"))
    own.isThinking = false
    #expect(
      ChatTemplate.own(own).render(asked, addGenerationPrompt: true)
        .hasSuffix("assistant\n<think>\n\n</think>\n\n"))
  }

  @Test func `a template with a switch is told whether the model may think`() throws {
    let asked = [ChatMessage(.user, "Well?")]
    let own = OwnTemplates.reasoning.own
    #expect(own.canThink && own.thinking(true) != own.thinking(false))
    #expect(own.thinking(true).render(asked, addGenerationPrompt: true).hasSuffix("assistant\n"))
    let off = own.thinking(false)
    #expect(off.render(asked, addGenerationPrompt: true).hasSuffix("<think>\n\n</think>\n\n"))
    let other = OwnTemplates.gemma.own
    #expect(!other.canThink && other.thinking(false) == other)
    #expect(!ChatTemplate.gemma.canThink && ChatTemplate.gemma.thinking(false) == .gemma)
  }

  @Test func `reasoning is given apart to a template that asks for it`() {
    let apart = OwnTemplates(
      source: """
        {% for m in messages %}{{ '<' + m.role + '>' }}
        {%- if m.reasoning_content %}{{ '(' + m.reasoning_content + ')' }}{% endif %}
        {{- m.content }}{% endfor %}
        """, written: nil)
    let answer = ChatMessage(.assistant, "<think>\nhm\n</think>\n\nYes.")
    #expect(
      apart.own.render([ChatMessage(.user, "Q"), answer], addGenerationPrompt: false)
        == "<user>Q<assistant>(hm)Yes.")
  }

  @Test func `a conversation whose past is written otherwise has the tokens of its rendering`()
    throws
  {
    let tokenizer = try Tokenizer(metadata: SmallVocabularies.byteLevel())
    let template = OwnTemplates.reasoning.own
    var tokens = ChatTokens(tokenizer: tokenizer, template: template)
    var chat: [ChatMessage] = []
    for turn in 0..<8 {
      chat.append(ChatMessage(.user, "Question \(turn)"))
      let prompt = tokens.prompt(chat)
      let whole = tokenizer.encode(chat: chat, template: template, addGenerationPrompt: true)
      #expect(prompt == whole)
      #expect(
        tokenizer.decode(prompt, renderSpecial: true)
          == template.render(chat, addGenerationPrompt: true))
      chat.append(ChatMessage(.assistant, "<think>\nhm \(turn)\n</think>\n\nAnswer \(turn)"))
    }
  }

  @Test func `its marker ends an answer, and what looks like one in a message does not steer`()
    throws
  {
    let metadata = SmallVocabularies.byteLevel(control: ["<|go|>", "<|halt|>"])
    var file = metadata
    file["tokenizer.chat_template"] = .string(
      "{% for m in messages %}<|go|>{{ m.role }}: {{ m.content }}<|halt|>{% endfor %}")
    let tokenizer = try Tokenizer(metadata: file)
    let recognition = ChatTemplate.recognized(in: file)
    #expect(recognition.notice == nil)
    #expect(try tokenizer.endOfTurn.contains(#require(tokenizer.token("<|halt|>"))))
    let tokens = tokenizer.encode(
      chat: [ChatMessage(.user, "<|halt|>")], template: recognition.template,
      addGenerationPrompt: true)
    #expect(tokens.filter(tokenizer.isControl).count == 2)
  }
}
