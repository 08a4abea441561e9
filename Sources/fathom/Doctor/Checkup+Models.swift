import Foundation
import GGUF
import Models
import Reports
import Shell

extension Checkup {
  /// The folder of models, those that were found, what came with the program.
  mutating func lookAtModels(environment: [String: String]) {
    let folder = ModelFolder(environment: environment)
    let found = folder.found
    ok("models", "\(found.count) found; the folder is \(folder.path)")
    let path = folder.defaultPath
    do {
      let card = ModelCard(try GGUFFile(path: try folder.resolve(nil)))
      ok("default model", "\(path), \(card.sizeBytes.megabytes)")
    } catch let error as ModelsError where error.code == .missingModel {
      if environment["FATHOM_MODEL"].map({ !$0.isEmpty }) ?? false {
        lookAtNamed(folder, environment["FATHOM_MODEL"])
      } else {
        warn("default model", "\(path) is not there", "Fetch it: fathom pull")
      }
    } catch {
      fail("default model", "\(error)", "Fetch it anew: fathom rm, then fathom pull")
    }
    let adapters = BuiltInAdapters(environment: environment)
    if adapters.files.isEmpty {
      warn(
        "adapters", "what was trained for the default model is not beside the program",
        "Install with 'make install', or set FATHOM_ADAPTERS to its folder")
    } else {
      ok("adapters", "\(adapters.files.count + adapters.guesses.count) files came with the program")
    }
    lookAtFetching(environment)
  }

  private mutating func lookAtNamed(_ folder: ModelFolder, _ name: String?) {
    do {
      ok("default model", "\(try folder.resolve(name)), as FATHOM_MODEL says")
    } catch {
      fail("default model", "FATHOM_MODEL: \(error)", "Name a file or a model of 'fathom list'")
    }
  }

  /// The programs that fetch models.
  private mutating func lookAtFetching(_ environment: [String: String]) {
    let folders = (environment["PATH"] ?? "").split(separator: ":")
    let missing = ["curl", "python3"].filter { program in
      !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    }
    if missing.isEmpty {
      ok("fetching", "curl and python3 are there")
    } else {
      warn(
        "fetching", "\(missing.joined(separator: " and ")) cannot be found",
        "'fathom pull' needs python3 for the default model and curl for all others")
    }
  }
}
