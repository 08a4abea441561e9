package import Dials
package import Events
import Foundation
import Kernels
import Synchronization
package import Techniques
import Tokenization
package import Transformer

/// The one actor: it owns the cache and the scratch of a conversation, and turns a prompt and dials
/// into a stream of records.
///
/// It runs on a thread of its own. A pass is never interrupted; between passes an answer can be
/// cancelled, within one token.
package actor Engine {
  /// The model.
  package nonisolated let model: LoadedModel
  /// Positions a conversation may use.
  package nonisolated let contextLength: Int
  /// When the session began.
  private nonisolated let started: Date

  private let executor = EngineExecutor()
  /// When its clock began.
  package nonisolated let begin: ContinuousClock.Instant
  let decoder: Decoder
  /// The drafters of a setting, for a vocabulary of a size.
  nonisolated let makeDrafters: MakeDrafters
  /// The number of the request that was answered last: an inspection that was overtaken sees it and
  /// stops.
  var answered = 0
  /// The last token of the last answer, whose keys and values are not in the cache; nil when the
  /// answer came to nothing.
  var lastDecided: TokenID?

  /// What the model as its file has it has read of a text, in a cache of its own: who answers otherwise is
  /// compared with it. Nil until it is asked.
  var wholeText: CachedText?

  /// Requests so far.
  private nonisolated let requested = Atomic<Int>(0)
  /// The last request that `stop` ended.
  private nonisolated let stopped = Atomic<Int>(0)

  /// Runs the engine's jobs.
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Makes the drafters of a setting, for a vocabulary of a size.
  package typealias MakeDrafters = @Sendable (DraftSetting, Int) -> [any Drafter]

  /// The positions of a conversation with a model that was trained for so many, where nothing is said.
  package static func usualContextLength(trained: Int) -> Int { min(trained, 8192) }

  /// An engine for conversations of up to `contextLength` positions (the model's trained length if
  /// none is given, at most 8192). What passes of several rows cost stands in a table for the kernels,
  /// unless `costs` says it; it is measured here only for a setting that asks the clock. `drafters` makes
  /// those that a setting names; without it they are the catalogue's. With `readsTop`, a head of eight bits is read no further than the highest
  /// logits need: the same text, but probabilities are sums over coarse logits too (docs/ARCHITECTURE.md).
  package init(
    model: LoadedModel, contextLength: Int? = nil, costs: CostTable? = nil,
    readsTop: Bool = true, begin: ContinuousClock.Instant = ContinuousClock().now,
    drafters: MakeDrafters? = nil
  ) {
    (self.model, self.begin) = (model, begin)
    let head = model.draftHead
    let joinsAuto = FixedCosts.of(model.kernels).hasCheapRows
    makeDrafters =
      drafters ?? { setting, count in
        let isAsked = joinsAuto || !setting.isAuto
        return Catalogue.drafters(
          for: setting, vocabularyCount: count, head: isAsked ? head : nil)
      }
    self.contextLength =
      contextLength ?? Self.usualContextLength(trained: model.weights.blueprint.trainedLength)
    started = Date()
    decoder = Decoder(
      model: model, contextLength: self.contextLength, costs: costs, readsTop: readsTop)
  }

  /// What a pass of several rows costs on this machine: measured once, in some milliseconds, when
  /// it is first asked for or before the first answer that asks the clock.
  package var costs: CostTable { decoder.costs }

  /// Ends the model's threads.
  package nonisolated func shutDown() { model.pool.dismiss() }

  /// Nanoseconds since the session began.
  package nonisolated var elapsed: Int { (ContinuousClock().now - begin).wholeNanoseconds }

  /// Answers with the adapter of `model` from now on, or with none; `model` is the engine's own. What
  /// has been read stays read, unless the adapter that goes or the one that comes changes the blocks.
  package func adopt(_ model: LoadedModel) {
    // What drafters learned belongs to the blocks too.
    if decoder.pass.weights.runOtherwise(than: model.weights) {
      decoder.planner.forget()
    }
    decoder.adopt(model)
  }

  /// The stream's first record, written by `tool`. `adapter` is the one in use, if one is.
  package nonisolated func sessionRecord(
    id: String, tool: SessionRecord.Tool, sampler: SessionRecord.Sampler, dials: DialSettings,
    adapter: SessionRecord.Adapter? = nil
  ) -> SessionRecord {
    let blueprint = model.weights.blueprint
    let block = model.weights.blocks.first?.view.macs ?? 0
    return SessionRecord(
      id: id, started: started.formatted(.iso8601),
      tool: tool,
      host: SessionRecord.Host(
        os: Host.system, cpu: Host.processor, threads: model.pool.count,
        simd: model.kernels.description),
      model: model.card, adapter: adapter,
      macs: SessionRecord.Costs(
        block: block, head: model.weights.head.macs, attnPerPos: 2 * blueprint.queryWidth),
      load: model.load,
      ctxSize: contextLength, sampler: sampler, policy: dials)
  }

  /// Ends every answer asked for so far within one token; its `end` record says `interrupt`.
  package nonisolated func stop() {
    stopped.store(requested.load(ordering: .acquiring), ordering: .releasing)
  }

  /// Whether another answer was asked for since.
  nonisolated func isOvertaken(_ number: Int) -> Bool {
    requested.load(ordering: .acquiring) > number
  }

  /// Whether the answer to this request is to end before its time.
  nonisolated func shouldStop(_ number: Int) -> Bool {
    stopped.load(ordering: .acquiring) >= number || Task.isCancelled
  }

  /// The records of an answer as they come: `turn`, `token`s and `draft`s, `end`, and a `check` and
  /// `probe`s if the request asks for them. Who stops reading the stream stops the answer.
  package nonisolated func records(for request: TurnRequest) -> AsyncStream<Record> {
    let number = requested.add(1, ordering: .acquiringAndReleasing).newValue
    return AsyncStream { continuation in
      let task = Task {
        await self.answer(request, number: number) { continuation.yield($0) }
        if request.looks.contains(.check) {
          await self.check(request, number: number) { continuation.yield($0) }
        }
        if request.looks.contains(.lens) {
          await self.inspect(request, number: number) { continuation.yield($0) }
        }
        continuation.finish()
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }
}
