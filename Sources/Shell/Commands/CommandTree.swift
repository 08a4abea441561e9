/// The commands by their names. The options of each are only read when they are asked for: most runs need those of
/// one command.
package struct CommandTree: Sendable {
  /// The command's name.
  package let name: String
  /// The commands below it.
  package let children: [CommandTree]
  /// The name of the one below it that runs where none is named.
  package let defaultChild: String?
  private let read: @Sendable () -> [OptionShape]

  /// A command of this name, whose options `read` gives.
  package init(
    _ name: String, children: [CommandTree] = [], defaultChild: String? = nil,
    read: @escaping @Sendable () -> [OptionShape]
  ) {
    (self.name, self.children, self.defaultChild, self.read) = (name, children, defaultChild, read)
  }

  /// What can be written behind the command.
  package var options: [OptionShape] { read() }

  /// The command below this one of that name.
  package func child(_ name: String) -> CommandTree? { children.first { $0.name == name } }

  /// The commands that arguments name, from the one below this on, and how many of the arguments do. Where none
  /// is named it is the default one, if there is one.
  package func commands(in arguments: [String]) -> (path: [CommandTree], count: Int) {
    var (node, path, count) = (self, [CommandTree](), 0)
    while count < arguments.count, let next = node.child(arguments[count]) {
      path.append(next)
      (node, count) = (next, count + 1)
    }
    if let name = node.defaultChild, let next = node.child(name) { path.append(next) }
    return (path, count)
  }

  /// The command and all below it that have no further ones below.
  package var leaves: [CommandTree] { children.isEmpty ? [self] : children.flatMap(\.leaves) }

  /// The options of this key, of the command and of all below it.
  package func options(of key: String) -> some Sequence<OptionShape> {
    leaves.lazy.flatMap { $0.options.filter { $0.key != nil && $0.longNames.contains(key) } }
  }
}
