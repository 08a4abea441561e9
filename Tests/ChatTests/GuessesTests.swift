import Chat
import Dials
import Events
import Foundation
import Inference
import TestSupport
import Testing

/// What drafters learn goes from one session to the next.
@MainActor
struct GuessesTests {
  private func chat(_ folder: String, keeps: Bool = true) throws -> TinyChat {
    let model = folder + "/tiny.gguf"
    if !FileManager.default.fileExists(atPath: model) {
      try Data(TinyModel(seed: 4).bytes()).write(to: URL(filePath: model))
    }
    var settings = ChatSettings()
    settings.tokenLimit = 30
    return TinyChat(
      try Dialogue(
        model: LoadedModel(path: model, threads: 1), reference: ModelReference(model: model),
        settings: settings), guessesFolder: keeps ? folder + "/guesses" : nil)
  }

  private func files(_ folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder + "/guesses")) ?? []
  }

  private func answer(_ chat: TinyChat) async -> [TokenID] {
    await chat.session.submit("the cat")
    await chat.session.close()
    return chat.ids(turn: 1)
  }

  @Test func `the next session guesses with what this one learned, and says the same`() async throws
  {
    try await withTemporaryFolder { folder in
      let expected = await answer(try chat(folder, keeps: false))
      #expect(files(folder).isEmpty && !expected.isEmpty)
      for _ in 0..<3 {
        let chat = try self.chat(folder)
        #expect(await answer(chat) == expected)
        #expect(files(folder).count == 1)
        #expect(chat.notices.all.isEmpty)
      }
    }
  }

  @Test(arguments: ["", "FATHOMDM", "no table at all", "cut", "other"])
  func `a file that is none is said once and made anew`(kind: String) async throws {
    try await withTemporaryFolder { folder in
      let expected = await answer(try chat(folder))
      let file = URL(filePath: folder + "/guesses/" + (try #require(files(folder).first)))
      let whole = try Data(contentsOf: file)
      var bytes = Data(kind.utf8)
      if kind == "cut" { bytes = whole.dropLast(3) }
      if kind == "other" { bytes = whole + [0] }
      try bytes.write(to: file)
      let chat = try self.chat(folder)
      #expect(await answer(chat) == expected)
      #expect(chat.notices.all.count == 1)
      #expect(chat.notices.all.first?.text.contains("learned anew") == true)
      let next = try self.chat(folder)
      #expect(await answer(next) == expected && next.notices.all.isEmpty)
    }
  }

  @Test func `a folder that cannot be written fails no answer`() async throws {
    try await withTemporaryFolder { folder in
      let expected = await answer(try chat(folder, keeps: false))
      try Data().write(to: URL(filePath: folder + "/guesses"))
      let chat = try self.chat(folder)
      #expect(await answer(chat) == expected && chat.notices.all.isEmpty)
    }
  }
}
