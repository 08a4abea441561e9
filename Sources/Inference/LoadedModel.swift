package import Events
package import GGUF
package import Kernels
package import Tokenization
package import Transformer

/// A model ready to run: weights, tokenizer, template, and the pool that computes.
package struct LoadedModel: Sendable {
  /// What runs the model: weights, an adapter's exits, threads and kernels.
  package private(set) var runtime: ModelRuntime
  /// Text to tokens and back.
  package let tokenizer: Tokenizer
  /// How a conversation is written down for the model.
  package let template: ChatTemplate
  /// What a person should know about the file, such as a key that is not known.
  private var notices: [String]
  /// The same about its template, which matters where a template is used.
  private let templateNotice: String?
  /// Where the file lies.
  package let path: String
  /// What the file is, for the record.
  package let card: SessionRecord.Model
  /// Whether the exits came with the program.
  private(set) var hasBuiltInExits = false
  /// The trained head that drafts, if there is one.
  package private(set) var draftHead: DraftHead?
  /// Tables that drafters begin with, by their words; none where an adapter changes the model.
  package private(set) var draftTables: [String: [UInt8]] = [:]
  /// How long it took to get here.
  package let load: SessionRecord.Load

  /// The weights, with what an adapter changes of them.
  package var weights: Weights { runtime.weights }
  /// The exits that an adapter adds, if one is in use.
  package var exits: ExitModules? { runtime.exits }
  /// Small feed-forwards beside the big ones, if there are any.
  package var feedForwards: SmallFeedForwards? { runtime.feedForwards }
  /// The threads of a pass.
  package var pool: ThreadPool { runtime.pool }
  /// The kernels of a pass.
  package var kernels: KernelSet { runtime.kernels }
  /// Blocks of the model.
  package var blockCount: Int { weights.blueprint.blockCount }

  /// What a person should know about the file; `isRaw`: where no template is used.
  package func notices(isRaw: Bool) -> [String] {
    notices + (isRaw ? [] : [templateNotice].compactMap { $0 })
  }

  /// Opens and repacks the file at `path`, for a context of `contextLength` positions.
  package init(
    path: String, threads: Int, kernels: KernelSet = .best, contextLength: Int? = nil
  ) throws(EngineError) {
    let begin = ContinuousClock().now
    try self.init(
      file: Self.open(path), threads: threads, kernels: kernels, contextLength: contextLength,
      opening: begin)
  }

  /// Repacks an opened file. `opening` is when its opening began, if that is to count as well.
  package init(
    file: GGUFFile, threads: Int, kernels: KernelSet = .best, contextLength: Int? = nil,
    opening: ContinuousClock.Instant? = nil
  ) throws(EngineError) {
    try MemoryNeed(of: file, contextLength: contextLength).check(path: file.path)
    let clock = ContinuousClock()
    let opened = clock.now
    path = file.path
    let pool = ThreadPool(count: threads)
    tokenizer = try Self.tokenizer(of: file)
    let tokenized = clock.now
    let weights = try Self.weights(of: file, pool: pool)
    runtime = ModelRuntime(weights: weights, kernels: kernels, pool: pool)
    load = SessionRecord.Load(
      openMs: (opened - (opening ?? opened)).milliseconds,
      tokenizerMs: (tokenized - opened).milliseconds,
      repackMs: (clock.now - tokenized).milliseconds)
    guard tokenizer.vocabularyCount == weights.blueprint.vocabularyCount else {
      throw EngineError(
        .badModel,
        "The key \"tokenizer.ggml.tokens\" has \(tokenizer.vocabularyCount) entries, but the model "
          + "has \(weights.blueprint.vocabularyCount) tokens. The file needs converting again.")
    }
    let recognition = ChatTemplate.recognized(in: file.metadata)
    template = recognition.template
    notices = [
      Architecture.keyNotice(of: file.metadata), TokenizerKeys.notice(of: file.metadata),
    ].compactMap { $0 }
    templateNotice = recognition.notice
    card = Self.card(of: file, weights.blueprint)
  }

  /// This model with something more that a person should know, if there is.
  package func noting(_ notice: String?) -> LoadedModel {
    var model = self
    model.notices += [notice].compactMap(\.self)
    return model
  }

  /// This model with these exits, and with what comes with them.
  func with(_ exits: ExitModules?, isBuiltIn: Bool) -> LoadedModel {
    var model = self
    model.runtime = ModelRuntime(
      weights: exits == nil ? weights.changed(by: nil) : weights, exits: exits,
      feedForwards: feedForwards, kernels: kernels, pool: pool)
    model.hasBuiltInExits = isBuiltIn
    if exits?.changes != nil { model.draftTables = [:] }
    return model
  }

  /// This model with tables that drafters begin with, unless an adapter changes it.
  package func with(draftTables: [String: [UInt8]]) -> LoadedModel {
    var model = self
    model.draftTables = exits?.changes == nil ? draftTables : [:]
    return model
  }

  /// This model with a repair for where its blocks are left out, or with none.
  package func repaired(by repair: Repair?) -> LoadedModel {
    var model = self
    model.runtime = ModelRuntime(
      weights: weights.repaired(by: repair), exits: exits, feedForwards: feedForwards,
      kernels: kernels, pool: pool)
    return model
  }

  /// This model with a head that drafts, or without.
  func with(draftHead: DraftHead?) -> LoadedModel {
    var model = self
    model.draftHead = draftHead
    return model
  }

  /// This model with small feed-forwards, or without.
  func with(feedForwards: SmallFeedForwards?) -> LoadedModel {
    var model = self
    model.runtime = ModelRuntime(
      weights: weights, exits: exits, feedForwards: feedForwards, kernels: kernels, pool: pool)
    return model
  }

  private static func open(_ path: String) throws(EngineError) -> GGUFFile {
    do { return try GGUFFile(path: path) } catch { throw EngineError(error) }
  }

  private static func tokenizer(of file: GGUFFile) throws(EngineError) -> Tokenizer {
    do { return try Tokenizer(metadata: file.metadata) } catch { throw EngineError(error) }
  }

  private static func weights(of file: GGUFFile, pool: ThreadPool) throws(EngineError) -> Weights {
    do { return try Weights(file: file, pool: pool) } catch { throw EngineError(error) }
  }

  private static func card(of file: GGUFFile, _ blueprint: Blueprint) -> SessionRecord.Model {
    let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
    let matrices = file.tensors.filter { $0.shape.count > 1 }
    let bytesByType = Dictionary(grouping: matrices, by: \.type.name).mapValues {
      $0.reduce(0) { $0 + $1.byteCount }
    }
    return SessionRecord.Model(
      file: name, sha256: nil, name: file.metadata["general.name"]?.string ?? name,
      arch: file.metadata["general.architecture"]?.string ?? "llama",
      nLayer: blueprint.blockCount, nEmbd: blueprint.width, nHead: blueprint.headCount,
      nHeadKv: blueprint.keyValueHeadCount, nVocab: blueprint.vocabularyCount,
      ctxTrain: blueprint.trainedLength,
      fileType: bytesByType.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? "?",
      sizeBytes: file.sizeBytes, nParams: file.tensors.reduce(0) { $0 + $1.elementCount })
  }
}
