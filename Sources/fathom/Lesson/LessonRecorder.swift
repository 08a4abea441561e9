import ArgumentParser
import Chat
import Events
import Inference
import Lessons
import Screen

/// Makes the recording of a lesson: types its lines into a conversation with a model.
@MainActor
enum LessonRecorder {
  /// The records of the conversation. Throws where a line asks for something that the model cannot do.
  static func records(of lesson: Lesson, with options: ModelOptions) async throws -> [Record] {
    let model = try options.load(isRaw: false)
    let dialogue = try Dialogue(
      model: model, reference: options.reference, settings: ChatSettings())
    var records: [Record] = []
    var failure: String?
    let session = ChatSession(
      dialogue, tool: Fathom.tool, sessionsFile: nil,
      looks: lesson.needsLens ? [.lens, .yardstick] : .yardstick, hear: { records.append($0) },
      show: { aside in
        if case .notice(let notice) = aside, notice.kind == .error { failure = notice.text }
      })
    for line in lesson.typed {
      if SlashCommand.isCommand(line) {
        if case .session(let command) = try SlashCommand.parse(line).inLines {
          await session.apply(command)
        }
      } else {
        await session.submit(line)
      }
      if let failure {
        throw ValidationError("Lesson \(lesson.number), \"\(line)\": \(failure)")
      }
    }
    await session.close()
    return records
  }
}
