import GGUF
import Jinja
import Tokenization

/// Templates in the language of files, written for these tests after the manner of the families.
struct OwnTemplates: Sendable {
  /// The template as a file would have it.
  let source: String
  /// The template written out by hand that writes the same, where there is one.
  let written: ChatTemplate?

  static let chatML = OwnTemplates(
    source: """
      {% for message in messages %}
      {% if loop.first and message.role != 'system' %}
      {{ '<|im_start|>system\\nYou help.<|im_end|>\\n' }}
      {%- endif %}
      {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
      {%- endfor %}
      {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
      """, written: .chatML(defaultSystem: "You help."))

  static let llama3 = OwnTemplates(
    source: """
      {{- '<|begin_of_text|>' }}
      {%- macro header(role) %}{{ '<|start_header_id|>' ~ role ~ '<|end_header_id|>\\n\\n' }}{% endmacro %}
      {%- for message in messages %}
      {{- header(message['role']) + message['content'] | trim + '<|eot_id|>' }}
      {%- endfor %}
      {%- if add_generation_prompt %}{{- header('assistant') }}{%- endif %}
      """, written: .llama3(preamble: nil))

  static let gemma = OwnTemplates(
    source: """
      {{ '<bos>' }}{% if messages[0].role == 'system' %}{{ raise_exception('No system role') }}{% endif %}
      {%- for message in messages %}
      {%- set role = 'model' if message.role == 'assistant' else message.role %}
      {{- '<start_of_turn>' + role + '\\n' + message.content | trim + '<end_of_turn>\\n' }}
      {%- endfor %}
      {%- if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}
      """, written: nil)

  static let mistral = OwnTemplates(
    source: """
      {{ bos_token }}{% for message in messages %}
      {%- if message.role == 'user' %}{{ '[INST] ' + message.content + ' [/INST]' }}
      {%- elif message.role == 'assistant' %}{{ message.content + eos_token }}
      {%- else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}
      {%- endfor %}
      """, written: .mistral(.original))

  static let all = [chatML, llama3, gemma, mistral]

  /// Drops the reasoning of all answers but the last, says whether to think, and knows the date.
  static let reasoning = OwnTemplates(
    source: """
      {{ '<|im_start|>system\\nToday: ' + strftime_now('%d %b %Y') + '<|im_end|>\\n' }}
      {%- for message in messages %}
      {{- '<|im_start|>' + message.role + '\\n' }}
      {%- if message.role == 'assistant' and '</think>' in message.content %}
        {%- set parts = message.content.split('</think>') %}
        {%- if loop.last %}{{ parts[0] + '</think>' }}{% endif %}
        {{- parts[-1].lstrip('\\n') }}
      {%- else %}{{ message.content }}{% endif %}
      {{- '<|im_end|>\\n' }}
      {%- endfor %}
      {%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}
        {%- if enable_thinking is defined and not enable_thinking %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}
      {%- endif %}
      """, written: nil)

  /// What a file with this template and these tokens is recognised as.
  var own: ChatTemplate { recognition.template }

  /// The same with what a person is told.
  var recognition: ChatTemplate.Recognition {
    ChatTemplate.recognized(
      in: [
        "tokenizer.chat_template": .string(source), "tokenizer.ggml.bos_token_id": .unsigned(0),
        "tokenizer.ggml.eos_token_id": .unsigned(1),
        "tokenizer.ggml.tokens": .array([.string("<s>"), .string("</s>")]),
      ], date: JinjaDate(year: 2025, month: 2, day: 3))
  }
}
