/// A name that people know a model by, and where on the hub it lies.
package struct ShortName: Hashable, Sendable {
  /// The name on the command line: family and size.
  package let name: String
  /// The repository, and which of its files.
  package let reference: HubReference

  private init(_ name: String, _ owner: String, _ repository: String, _ quantisation: String) {
    self.name = name
    reference = HubReference(
      owner: owner, name: repository, choice: .quantisation(quantisation))
  }

  /// The model of this name, in any case of letters; nil where nobody gave it.
  package static func named(_ name: String) -> ShortName? {
    let name = name.lowercased()
    return all.first { $0.name == name }
  }

  /// All names. Where the makers publish files of the usual quantisation they are taken.
  package static let all = [
    ShortName("smollm2:135m", "bartowski", "SmolLM2-135M-Instruct-GGUF", "Q4_K_M"),
    ShortName("smollm2:360m", "bartowski", "SmolLM2-360M-Instruct-GGUF", "Q4_K_M"),
    ShortName("smollm2:1.7b", "bartowski", "SmolLM2-1.7B-Instruct-GGUF", "Q4_K_M"),
    ShortName("smollm3:3b", "ggml-org", "SmolLM3-3B-GGUF", "Q4_K_M"),
    ShortName("qwen2.5:0.5b", "Qwen", "Qwen2.5-0.5B-Instruct-GGUF", "Q4_K_M"),
    ShortName("qwen2.5:1.5b", "Qwen", "Qwen2.5-1.5B-Instruct-GGUF", "Q4_K_M"),
    ShortName("qwen2.5:3b", "Qwen", "Qwen2.5-3B-Instruct-GGUF", "Q4_K_M"),
    ShortName("qwen2.5:7b", "Qwen", "Qwen2.5-7B-Instruct-GGUF", "Q4_K_M"),
    ShortName("qwen2.5-coder:0.5b", "Qwen", "Qwen2.5-Coder-0.5B-Instruct-GGUF", "Q4_K_M"),
    ShortName("qwen2.5-coder:1.5b", "Qwen", "Qwen2.5-Coder-1.5B-Instruct-GGUF", "Q4_K_M"),
    ShortName("qwen2.5-coder:3b", "Qwen", "Qwen2.5-Coder-3B-Instruct-GGUF", "Q4_K_M"),
    ShortName("qwen2.5-coder:7b", "Qwen", "Qwen2.5-Coder-7B-Instruct-GGUF", "Q4_K_M"),
    ShortName("qwen3:0.6b", "Qwen", "Qwen3-0.6B-GGUF", "Q8_0"),
    ShortName("qwen3:1.7b", "Qwen", "Qwen3-1.7B-GGUF", "Q8_0"),
    ShortName("qwen3:4b", "Qwen", "Qwen3-4B-GGUF", "Q4_K_M"),
    ShortName("qwen3:8b", "Qwen", "Qwen3-8B-GGUF", "Q4_K_M"),
    ShortName("gemma3:270m", "ggml-org", "gemma-3-270m-it-GGUF", "Q8_0"),
    ShortName("gemma3:1b", "ggml-org", "gemma-3-1b-it-GGUF", "Q4_K_M"),
    ShortName("gemma3:4b", "ggml-org", "gemma-3-4b-it-GGUF", "Q4_K_M"),
    ShortName("llama3.2:1b", "bartowski", "Llama-3.2-1B-Instruct-GGUF", "Q4_K_M"),
    ShortName("llama3.2:3b", "bartowski", "Llama-3.2-3B-Instruct-GGUF", "Q4_K_M"),
    ShortName("llama3.1:8b", "bartowski", "Meta-Llama-3.1-8B-Instruct-GGUF", "Q4_K_M"),
    ShortName("granite3.3:2b", "ibm-granite", "granite-3.3-2b-instruct-GGUF", "Q4_K_M"),
    ShortName("granite3.3:8b", "ibm-granite", "granite-3.3-8b-instruct-GGUF", "Q4_K_M"),
    ShortName("olmo2:1b", "allenai", "OLMo-2-0425-1B-Instruct-GGUF", "Q4_K_M"),
    ShortName("olmo2:7b", "allenai", "OLMo-2-1124-7B-Instruct-GGUF", "Q4_K_M"),
    ShortName("phi3.5:mini", "bartowski", "Phi-3.5-mini-instruct-GGUF", "Q4_K_M"),
    ShortName("minicpm4:8b", "openbmb", "MiniCPM4-8B-GGUF", "Q4_K_M"),
    ShortName("tinyllama:1.1b", "TheBloke", "TinyLlama-1.1B-Chat-v1.0-GGUF", "Q4_K_M"),
  ]
}
