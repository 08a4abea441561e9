import ArgumentParser
import Foundation
import Reports
import Shell

/// `fathom doctor`: whether everything that the program needs is there.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look whether everything is as it should be, and say what to do.",
    discussion: """
      Looks at the terminal, the processor, the memory, the models, the folders and the config file; nothing is \
      changed and no network is used. The exit code is 3 where something will not work.
      """)

  @Flag(help: "Print what was found as JSON.")
  var json = false

  func run() async throws {
    try await reportingErrors {
      let environment = ProcessInfo.processInfo.environment
      var checkup = Checkup()
      checkup.ok("program", "fathom \(Fathom.configuration.version)")
      checkup.lookAtTerminal(environment: environment)
      checkup.lookAtMachine(environment: environment)
      checkup.lookAtModels(environment: environment)
      checkup.lookAtFiles(environment: environment)
      checkup.lookAtSettings(environment: environment)
      if json {
        try say(ReportJSON.text(of: checkup.findings))
      } else {
        for line in checkup.lines { try say(line.visible) }
      }
      if !checkup.isSound { throw ExitCode.checkFailed }
    }
  }
}
