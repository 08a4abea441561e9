import GGUF

/// Typed access to the keys of a family, `llama.block_count` and the like.
struct HyperparameterKeys {
  let metadata: Metadata
  let architecture: Architecture

  /// A key's whole name.
  func name(_ key: String) -> String { "\(architecture.name).\(key)" }

  subscript(key: String) -> MetadataValue? { metadata[name(key)] }

  func badValue(_ key: String, _ value: String, expected: String) -> ModelError {
    .badValue(name(key), value, expected: expected)
  }

  func optionalCount(_ key: String, atMost limit: Int) throws(ModelError) -> Int? {
    guard let value = self[key] else { return nil }
    guard let count = value.int, count > 0, count <= limit else {
      throw badValue(key, "\(value)", expected: "a whole number in 1...\(limit) is needed")
    }
    return count
  }

  func count(_ key: String, atMost limit: Int) throws(ModelError) -> Int {
    guard let count = try optionalCount(key, atMost: limit) else { throw .missingKey(name(key)) }
    return count
  }

  func number(_ key: String, default fallback: Double) throws(ModelError) -> Double {
    guard let value = self[key] else { return fallback }
    guard let number = value.double, number.isFinite, number > 0 else {
      throw badValue(key, "\(value)", expected: "a positive number is needed")
    }
    return number
  }

  /// A factor: a positive number, or zero where there is none.
  func scale(_ key: String) throws(ModelError) -> Double? {
    guard let value = self[key] else { return nil }
    guard let number = value.double, number.isFinite, number >= 0, Float(number).isFinite else {
      throw badValue(key, "\(value)", expected: "a positive number is needed")
    }
    return number
  }

  /// The tokens: what the key says, or else how many the vocabulary has. Where both are there they agree.
  func vocabularyCount() throws(ModelError) -> Int {
    let listed = metadata["tokenizer.ggml.tokens"]?.array?.count
    guard
      let count = try optionalCount("vocab_size", atMost: Blueprint.greatestVocabulary) ?? listed,
      (1...Blueprint.greatestVocabulary).contains(count)
    else { throw .missingKey(name("vocab_size")) }
    if let listed, listed != count {
      throw badValue(
        "vocab_size", "\(count)",
        expected: "the file's vocabulary, tokenizer.ggml.tokens, has \(listed) tokens; it needs "
          + "converting again")
    }
    return count
  }

  /// Refuses a mixture of experts by its name.
  func refuseExperts() throws(ModelError) {
    if let experts = self["expert_count"]?.int, experts > 0 {
      throw badValue(
        "expert_count", "\(experts)", expected: "mixtures of experts are not supported")
    }
  }

  /// Refuses widths of heads that the kernels cannot take.
  func checkHeads(width: Int, headWidth: Int, rotatedWidth: Int) throws(ModelError) {
    if let valueWidth = try optionalCount("attention.value_length", atMost: Blueprint.widestHead),
      valueWidth != headWidth
    {
      throw badValue(
        "attention.value_length", "\(valueWidth)",
        expected: "values as wide as keys (\(headWidth)) are needed")
    }
    guard headWidth <= Blueprint.widestHead else {
      throw badValue(
        "embedding_length", "\(width)",
        expected: "heads of at most \(Blueprint.widestHead) dimensions are supported")
    }
    guard headWidth > 0, rotatedWidth <= headWidth, rotatedWidth % 2 == 0 else {
      throw badValue(
        "rope.dimension_count", "\(rotatedWidth)",
        expected: "it must be even and at most the head's width (\(headWidth))")
    }
  }

  /// Refuses keys that ask for another pass than this engine's, unless they say what it does anyway.
  func refuseOtherModels() throws(ModelError) {
    for (key, usual) in architecture.keysOfOtherModels {
      guard let value = self[key], let number = value.double ?? value.bool?.number,
        !usual.contains(number)
      else { continue }
      throw badValue(
        key, "\(value)", expected: "this engine has no such step; use another model")
    }
  }
}

// MARK: - Rotations and windows

extension HyperparameterKeys {
  /// The rotations of a model, and which block has which, and its window.
  func forms(blockCount: Int, trainedLength: Int) throws(ModelError) -> ([Rotation], [BlockForm]) {
    var rotations = [try rotation(trainedLength: trainedLength)]
    func index(_ rotation: Rotation) -> Int {
      if let index = rotations.firstIndex(of: rotation) { return index }
      rotations.append(rotation)
      return rotations.count - 1
    }
    let window = try window(trainedLength: trainedLength)
    let windowed = try windowedBlocks(blockCount: blockCount)
    var forms: [BlockForm] = []
    for block in 0..<blockCount {
      var form = BlockForm()
      if let window, windowed[block] {
        form.window = window
        form.rotation = index(try windowedRotation(besides: rotations[0]))
      }
      if let step = architecture.unrotatedEvery, (block + 1) % step == 0 {
        form.rotation = index(Rotation(base: nil))
      }
      forms.append(form)
    }
    return (rotations, forms)
  }

  /// How many positions blocks with a window see; nil where that is all there are.
  private func window(trainedLength: Int) throws(ModelError) -> Int? {
    guard let value = self["attention.sliding_window"], value.int != 0 else { return nil }
    let window = try count("attention.sliding_window", atMost: 1 << 31)
    guard architecture.windows != .none else {
      if window >= trainedLength { return nil }
      throw badValue(
        "attention.sliding_window", "\(window)",
        expected: "this engine knows no windows in models of this family; use another model")
    }
    return window
  }

  /// Which blocks have the window: what the file says, or what is usual.
  private func windowedBlocks(blockCount: Int) throws(ModelError) -> [Bool] {
    let key = "attention.sliding_window_pattern"
    guard let value = self[key] else {
      return (0..<blockCount).map(architecture.windows.contains)
    }
    if let flags = value.array?.compactMap(\.bool), flags.count == blockCount { return flags }
    if let step = value.int, step > 0 {
      return (0..<blockCount).map(WindowPattern.allBut(every: step).contains)
    }
    throw badValue(
      key, "\(value)",
      expected: "a whole number, or a truth value for each of \(blockCount) blocks, is needed")
  }

  private func windowedRotation(besides other: Rotation) throws(ModelError) -> Rotation {
    guard case .plain(let base) = architecture.windowedRotation else { return other }
    guard let base else { return Rotation(base: other.base) }
    return Rotation(base: try number("rope.freq_base_swa", default: base))
  }

  /// The rotation of most blocks. As llama.cpp reads it: a file that gives a factor and no type means
  /// linear scaling, and older files have the factor under another key.
  private func rotation(trainedLength: Int) throws(ModelError) -> Rotation {
    if let key = architecture.rotationSwitch, self[key]?.bool == false {
      return Rotation(base: nil)
    }
    var rotation = Rotation(base: try number("rope.freq_base", default: 10_000))
    let factor = try number("rope.scaling.factor", default: number("rope.scale_linear", default: 1))
    let original =
      try optionalCount("rope.scaling.original_context_length", atMost: 1 << 26) ?? trainedLength
    rotation.magnitude = try number("rope.scaling.attn_factor", default: 1)
    let type = self["rope.scaling.type"]?.string
    // LLaMA 3's scaling is carried out by the tensor alone.
    rotation.scale = type == "none" || type == "llama3" ? 1 : factor
    switch architecture.ropeFactors {
    case .none: break
    case .llama3: rotation.factors = type == "longrope" ? .byLength(original) : .optional
    case .longRope: rotation.factors = .byLength(original)
    }
    switch type {
    case nil, "linear", "none", "llama3": break
    case "yarn":
      rotation.yarnLength = original
      rotation.magnitude *= Rotation.yarnMagnitude(factor: factor)
    case "longrope" where rotation.factors != .none: break
    case let other?:
      throw badValue(
        "rope.scaling.type", "\"\(other)\"",
        expected: "none, linear, llama3, yarn and, where the family has it, longrope are supported")
    }
    guard Float(rotation.magnitude).isFinite else {
      throw badValue(
        "rope.scaling.attn_factor", "\(rotation.magnitude)", expected: "a small number is needed")
    }
    return rotation
  }
}

extension Bool {
  fileprivate var number: Double { self ? 1 : 0 }
}
