import Chat
import Dials
import Events
import Foundation
import Inference
import Techniques
import TestSupport
import Testing

/// Presets: settings that a certificate beside the adapter holds.
@MainActor
struct PresetTests {
  /// A conversation with a tiny model whose adapter lies in `folder`, with a certificate for it.
  @inline(never)
  private func chat(
    in folder: String, _ change: (inout ChatSettings) -> Void = { _ in }
  ) throws -> TinyChat {
    let home = try TinyHome(in: folder, depths: [2], saving: "top1 0.5 at 1,2")
    var settings = ChatSettings()
    settings.sampler.temperature = 0
    settings.tokenLimit = 6
    change(&settings)
    let loaded = try LoadedModel(path: home.model, threads: 1).adapted(to: home.adapter)
    return TinyChat(
      try Dialogue(
        model: loaded, reference: ModelReference(model: home.model, adapter: home.adapter),
        settings: settings))
  }

  @Test func `a preset puts its exits in force, and off takes them back`() async throws {
    try await withTemporaryFolder { folder in
      let chat = try chat(in: folder)
      await chat.apply(.preset(.saving))
      #expect(chat.settings.mode == .approximate && chat.settings.fill == .propagate)
      #expect(chat.session.dialogue.dials.exit.depths == [1, 2])
      #expect(
        chat.changes.map { "\($0.key): \($0.old) -> \($0.new)" } == [
          "exit-policy: off -> top1 0.5 at 1,2", "preset: off -> saving",
        ])
      await chat.apply(.preset(.off))
      #expect(chat.session.dialogue.dials.exit == .off && chat.settings.mode == .identical)
      #expect(chat.presets == ["saving", "off"])
      #expect(chat.errors.isEmpty)
    }
  }

  @Test func `the record says why a certificate does not hold, and when it does again`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let chat = try chat(in: folder)
      await chat.apply(
        .preset(.saving), .set(.temperature, to: "0.5"), .set(.temperature, to: "0"),
        .window("24"), .window("off"), .adapter(nil), .adapter("\(folder)/exits.gguf"),
        .exitPolicy("fixed 2"))
      #expect(
        chat.presets == [
          "saving", "saving, uncertified: another sampler", "saving",
          "saving, uncertified: another reach", "saving",
          "saving, uncertified: no certificate", "saving", "off",
        ])
      #expect(chat.settings.preset == nil)
    }
  }

  @Test func `a preset that the certificate has not is refused with those it has`() async throws {
    try await withTemporaryFolder { folder in
      let chat = try chat(in: folder)
      await chat.apply(.preset(.quality))
      #expect(chat.errors == ["The certificate has no preset quality; it has saving."])
      try FileManager.default.removeItem(atPath: "\(folder)/exits.certificate.json")
      await chat.apply(.preset(.saving))
      #expect(chat.errors.last?.contains("fathom calibrate makes one") == true)
      #expect(chat.presets.isEmpty)
    }
  }

  @Test func `an exit setting without depths is for those of the adapter in use`() async throws {
    try await withTemporaryFolder { folder in
      let chat = try chat(in: folder)
      await chat.apply(.exitPolicy("top1 .5"))
      #expect(chat.session.dialogue.dials.exit.depths == [2])
      await chat.apply(.adapter(nil))
      #expect(chat.session.dialogue.dials.exit.depths == [1, 2])
      #expect(chat.settings.exit.words == "top1 .5")
      #expect(chat.session.dialogue.reference.adapter == "none")
      let change = try #require(chat.changes.last)
      #expect(change.old == "tiny exits" && change.new == "off" && change.change == .adapter(nil))
    }
  }
}
