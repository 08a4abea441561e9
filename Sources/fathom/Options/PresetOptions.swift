public import ArgumentParser
public import Events

/// Which preset, and where its setting is from.
struct PresetOptions: ParsableArguments {
  @Option(
    name: .customLong("preset"),
    help:
      "A setting that fathom calibrate found: quality, balanced, saving, or off for full depth.",
    completion: Completions.presets)
  var name: Preset?

  @Option(
    help: ArgumentHelp(
      "The certificate with the presets (default: the one beside the adapter).", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var certificate: String?
}

extension Preset: ExpressibleByArgument {}
