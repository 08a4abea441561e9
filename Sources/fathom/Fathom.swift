import ArgumentParser

/// The command line: one file per command beside this one.
@main
struct Fathom: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fathom",
    abstract: "Chat with a local language model and see how much of it each token used.",
    version: "0.1.0",
    subcommands: [ReplayCommand.self]
  )
}
