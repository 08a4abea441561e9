/// What sets a family of models apart: the value of `general.architecture`, and all that the pass, the
/// reference pass, training and export do differently because of it.
///
/// A family is one value in a file of its own beside this one, and a line in ``all``. The rest of the
/// program asks these properties and never for a name.
package struct Architecture: Hashable, Sendable {
  /// How files spell it, and what their keys begin with.
  package let name: String
  /// The models that people know it by.
  package let models: String
  /// What `transformers` calls it.
  package let huggingFace: HuggingFaceNames

  /// Which dimensions of a head RoPE turns together, as the files have them.
  package var pairs = RotaryPairs.adjacent
  /// Which divisors of RoPE's angles files may hold.
  package var ropeFactors = RopeFactorRule.none
  /// Every so many-th block does not rotate at all.
  package var unrotatedEvery: Int?
  /// The key of a switch without which nothing rotates, where it says no.
  package var rotationSwitch: String?

  /// Which blocks attend to a window only, where a file gives one.
  package var windows = WindowPattern.none
  /// How these rotate.
  package var windowedRotation = WindowedRotation.asOthers

  /// Whether query, key and value may have a bias.
  package var hasBiases = false
  /// Whether the stream is normalised before attention and feed-forward.
  package var normsInputs = true
  /// Whether what attention and feed-forward bring is normalised before it joins the stream.
  package var normsOutputs = false
  /// How queries and keys are normalised before they are rotated.
  package var queryKeyNorm = QueryKeyNorm.none
  /// What the feed-forward's gate goes through.
  package var activation = Activation.silu
  /// Whether the file holds query, key and value in one matrix, and gate and up in another.
  package var isFused = false

  /// What embeddings are multiplied by.
  package var embeddingScale = ScaleRule.one
  /// What attention and feed-forward bring is multiplied by.
  package var residualScale = ScaleRule.one
  /// What scores of attention are multiplied by, in place of 1 / √(head width).
  package var attentionScale = ScaleRule.one
  /// What logits are divided by.
  package var logitScale = ScaleRule.one

  /// The key of a cap on logits; nil where a file that gives one is refused.
  package var logitCapKey: String?

  /// Whether its blocks compute what Llama's do and no more.
  package var isLikeLlama: Bool { self == .llama }

  /// All families that are run.
  package static let all: [Architecture] = [
    .llama, .qwen2, .qwen3, .gemma3, .smolLM3, .granite, .olmo2, .miniCPM, .phi3,
  ]

  /// The family that files call `name`.
  package static func named(_ name: String) -> Architecture? { all.first { $0.name == name } }
}

/// What `transformers` calls a family.
package struct HuggingFaceNames: Hashable, Sendable {
  /// The class, such as `LlamaForCausalLM`.
  package let modelClass: String
  /// `model_type` of config.json.
  package let modelType: String
}

/// Which dimensions of a head are turned together.
package enum RotaryPairs: Hashable, Sendable {
  /// 0 and 1, 2 and 3, …: `transformers`' halves, put side by side by llama.cpp's converter.
  case adjacent
  /// i and i + half of what is rotated.
  case halves
}

/// Which divisors of RoPE's angles files of a family may hold.
package enum RopeFactorRule: Hashable, Sendable {
  /// None.
  case none
  /// Llama 3's, or LongRoPE's where the file says that it has them.
  case llama3
  /// LongRoPE's.
  case longRope
}

/// Which blocks attend to a window only.
package enum WindowPattern: Hashable, Sendable {
  /// None: a file that gives a window is refused.
  case none
  /// All.
  case every
  /// All but every so many-th.
  case allBut(every: Int)

  /// Whether the block with this index does.
  func contains(_ block: Int) -> Bool {
    switch self {
    case .none: false
    case .every: true
    case .allBut(let count): (block + 1) % count != 0
    }
  }
}

/// How blocks with a window rotate.
package enum WindowedRotation: Hashable, Sendable {
  /// As all others.
  case asOthers
  /// Without the scaling of the others, and with a base of their own where there is one: what the key
  /// `rope.freq_base_swa` says, or else this.
  case plain(base: Double?)
}

/// How queries and keys are normalised before they are rotated.
package enum QueryKeyNorm: Hashable, Sendable {
  /// Not at all.
  case none
  /// Each head by itself, with the same gains.
  case perHead
  /// All heads of a row together.
  case wholeRow
}

/// What the feed-forward's gate goes through.
package enum Activation: Hashable, Sendable {
  /// `x · σ(x)`.
  case silu
  /// GELU in its tanh form.
  case geluTanh
}

/// Where a factor comes from.
package enum ScaleRule: Hashable, Sendable {
  /// There is none: a file that gives one is refused.
  case one
  /// The root of the stream's width.
  case widthRoot
  /// 1 / √(width / query heads), whatever a head's own width is, in models of so many blocks; as ever in
  /// others.
  case headShareRoot(blockCount: Int)
  /// A key of the file, or where it has none what older files mean.
  case key(String, orElse: MissingScale)
}

/// What a factor is where the file does not give it.
package enum MissingScale: Hashable, Sendable {
  /// 1.
  case one
  /// A number.
  case number(Double)
  /// A number divided by the root of the blocks' count.
  case perBlockRoot(Double)
  /// The width divided by a number.
  case widthOver(Double)
}
