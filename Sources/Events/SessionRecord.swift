public import Techniques

/// What runs: program, machine, model and settings. The first record of a stream.
public struct SessionRecord: Hashable, Codable, Sendable {
  /// The program that wrote the record.
  public struct Tool: Hashable, Codable, Sendable {
    /// Always `fathom` here.
    public var name: String
    /// The program's version.
    public var version: String
    /// The commit that the program was built from, abbreviated, with `-dirty` behind it where its sources
    /// had been changed; nil where nobody knows it, as in a source archive.
    public var commit: String?

    /// A program with this name, version and commit.
    public init(name: String, version: String, commit: String? = nil) {
      self.name = name
      self.version = version
      self.commit = commit
    }
  }

  /// The machine.
  public struct Host: Hashable, Codable, Sendable {
    /// `linux` or `macos`.
    public var os: String
    /// The processor as it names itself.
    public var cpu: String
    /// Threads used by a pass.
    public var threads: Int
    /// The kernel variant in use, such as `avx512vnni`.
    public var simd: String

    /// A machine with these properties.
    public init(os: String, cpu: String, threads: Int, simd: String) {
      self.os = os
      self.cpu = cpu
      self.threads = threads
      self.simd = simd
    }
  }

  /// The model file.
  public struct Model: Hashable, Codable, Sendable {
    /// The file's name without its folder.
    public var file: String
    /// SHA-256 of the file in hexadecimal, if it is known.
    public var sha256: String?
    /// The name the file gives itself.
    public var name: String
    /// The architecture, such as `llama`.
    public var arch: String
    /// Blocks.
    public var nLayer: Int
    /// Width of the residual stream.
    public var nEmbd: Int
    /// Query heads.
    public var nHead: Int
    /// Key/value heads.
    public var nHeadKv: Int
    /// Tokens in the vocabulary.
    public var nVocab: Int
    /// Positions the model was trained for.
    public var ctxTrain: Int
    /// The weights' type, such as `Q4_1`.
    public var fileType: String
    /// Bytes of the file.
    public var sizeBytes: Int
    /// Parameters.
    public var nParams: Int

    /// A model with these properties.
    public init(
      file: String, sha256: String?, name: String, arch: String, nLayer: Int, nEmbd: Int,
      nHead: Int, nHeadKv: Int, nVocab: Int, ctxTrain: Int, fileType: String, sizeBytes: Int,
      nParams: Int
    ) {
      self.file = file
      self.sha256 = sha256
      self.name = name
      self.arch = arch
      self.nLayer = nLayer
      self.nEmbd = nEmbd
      self.nHead = nHead
      self.nHeadKv = nHeadKv
      self.nVocab = nVocab
      self.ctxTrain = ctxTrain
      self.fileType = fileType
      self.sizeBytes = sizeBytes
      self.nParams = nParams
    }

    /// Whether both are the same model: the same bytes where both say their SHA-256, else all that they
    /// say.
    public func isSame(as other: Model) -> Bool {
      if let sha256, let digest = other.sha256 { return sha256 == digest }
      var other = other
      other.sha256 = sha256
      return self == other
    }
  }

  /// What was trained for the model: exits, and changes of the model itself.
  public struct Adapter: Hashable, Codable, Sendable {
    /// What its file calls it.
    public var name: String
    /// Blocks executed before each exit.
    public var exits: [Int]
    /// Whether it came with the program and was loaded without being asked for.
    public var isBuiltIn: Bool
    /// Whether it changes the model's own weights: full depth is then that of the changed model.
    public var changesModel: Bool

    private enum CodingKeys: String, CodingKey {
      case name
      case exits
      case isBuiltIn = "builtIn"
      case changesModel
    }

    /// An adapter with these properties.
    public init(
      name: String, exits: [Int], isBuiltIn: Bool = false, changesModel: Bool = false
    ) {
      self.name = name
      self.exits = exits
      self.isBuiltIn = isBuiltIn
      self.changesModel = changesModel
    }

    /// Reads an adapter; one from before models could be changed does not say that it does.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      name = try container.decode(String.self, forKey: .name)
      exits = try container.decode([Int].self, forKey: .exits)
      isBuiltIn = try container.decode(Bool.self, forKey: .isBuiltIn)
      changesModel = try container.decodeIfPresent(Bool.self, forKey: .changesModel) ?? false
    }

    /// Writes an adapter; that it changes the model is only written where it does.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(exits, forKey: .exits)
      try container.encode(isBuiltIn, forKey: .isBuiltIn)
      if changesModel { try container.encode(true, forKey: .changesModel) }
    }
  }

  /// How tokens are drawn.
  public struct Sampler: Hashable, Codable, Sendable {
    /// 0 is greedy.
    public var temperature: Float
    /// Keep this many of the most probable tokens; 0 keeps all.
    public var topK: Int
    /// Keep the most probable tokens up to this share.
    public var topP: Float
    /// Drop tokens below this share of the most probable one.
    public var minP: Float
    /// Divide the logits of recent tokens by this; 1 is off.
    public var repeatPenalty: Float
    /// How many tokens are recent.
    public var repeatLastN: Int
    /// The seed of the position-keyed random numbers.
    public var seed: UInt64

    /// A sampler with these settings; greedy where nothing is given.
    public init(
      temperature: Float = 0, topK: Int = 40, topP: Float = 0.95, minP: Float = 0.05,
      repeatPenalty: Float = 1, repeatLastN: Int = 64, seed: UInt64 = 42
    ) {
      self.temperature = temperature
      self.topK = topK
      self.topP = topP
      self.minP = minP
      self.repeatPenalty = repeatPenalty
      self.repeatLastN = repeatLastN
      self.seed = seed
    }
  }

  /// Multiply-accumulates, exact, by piece of the model.
  public struct Costs: Hashable, Codable, Sendable {
    /// The matrix products of one block for one token.
    public var block: Int
    /// The LM head for one token.
    public var head: Int
    /// Attention in one block for one token, per visible position.
    public var attnPerPos: Int

    /// Costs with these counts.
    public init(block: Int, head: Int, attnPerPos: Int) {
      self.block = block
      self.head = head
      self.attnPerPos = attnPerPos
    }
  }

  /// How long it took until the model was ready, in milliseconds.
  public struct Load: Hashable, Codable, Sendable {
    /// Opening the file and reading its head.
    public var openMs: Double
    /// Building the tokenizer.
    public var tokenizerMs: Double
    /// Repacking the weights for the kernels.
    public var repackMs: Double

    /// The sum.
    public var totalMs: Double { openMs + tokenizerMs + repackMs }

    /// A loading that took this long.
    public init(openMs: Double, tokenizerMs: Double, repackMs: Double) {
      self.openMs = openMs
      self.tokenizerMs = tokenizerMs
      self.repackMs = repackMs
    }
  }

  /// Identifies the session; a UUID.
  public var id: String
  /// When it began, RFC 3339.
  public var started: String
  /// The program.
  public var tool: Tool
  /// The machine.
  public var host: Host
  /// The model.
  public var model: Model
  /// The adapter in use as the session began, if one was; a `param` record follows each change.
  public var adapter: Adapter?
  /// What a token costs.
  public var macs: Costs
  /// How long loading took, if it is known.
  public var load: Load?
  /// Positions the conversation may use.
  public var ctxSize: Int
  /// How tokens are drawn.
  public var sampler: Sampler
  /// The dials as the session began; a `param` record follows each change.
  public var policy: DialSettings

  /// A session with these properties.
  public init(
    id: String, started: String, tool: Tool, host: Host, model: Model, adapter: Adapter? = nil,
    macs: Costs, load: Load? = nil, ctxSize: Int, sampler: Sampler, policy: DialSettings
  ) {
    self.id = id
    self.started = started
    self.tool = tool
    self.host = host
    self.model = model
    self.adapter = adapter
    self.macs = macs
    self.load = load
    self.ctxSize = ctxSize
    self.sampler = sampler
    self.policy = policy
  }
}
