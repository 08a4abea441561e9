import Foundation
import GGUF

/// Which of a repository's files a name means, by the rule of llama.cpp.
package enum HubChoice {
  /// What is taken where no quantisation is named: the first of these that is there, else any.
  static let usual = ["Q4_K_M", "Q8_0"]
  /// What names of files have that are no models for text.
  private static let others = ["mmproj", "imatrix", "mtp-", "eagle3-", "dflash-", "dspark-"]

  /// The path of `paths` that `choice` means, the first part where the model is split; nil where there is none.
  package static func path(of choice: HubReference.Choice, in paths: [String]) -> String? {
    switch choice {
    case .file(let path): return paths.first { $0 == path }
    case .quantisation(let name?): return first(named: name, in: paths)
    case .quantisation(nil):
      return usual.lazy.compactMap { first(named: $0, in: paths) }.first
        ?? paths.first(where: isModel)
    }
  }

  /// All files of the model whose first or only one is at `path`.
  package static func parts(of path: String) -> [String] { SplitName(path)?.paths ?? [path] }

  /// Whether this is a model's file, or the first of it.
  package static func isModel(_ path: String) -> Bool {
    let name = path.split(separator: "/").last ?? ""
    return name.hasSuffix(".gguf") && !others.contains(where: name.contains)
      && (SplitName(path)?.number ?? 1) == 1
  }

  /// The quantisation that the file's name ends in, in capitals; nil where it has no such end.
  package static func quantisation(of path: String) -> String? {
    let stem = (SplitName(path)?.whole ?? path).dropLast(".gguf".count)
    let end = stem.split(whereSeparator: { "-./".contains($0) }).last.map { $0.uppercased() }
    guard let end, end.contains(where: \.isNumber), HubReference.isName(end), end.count < stem.count
    else { return nil }
    return end
  }

  /// The first model whose path has the quantisation's name before a dot or a dash; one in which it is a word
  /// of its own comes first, so that F16 does not find BF16.
  private static func first(named quantisation: String, in paths: [String]) -> String? {
    let models = paths.filter(isModel)
    let name = quantisation.lowercased()
    func has(_ path: String, asWord: Bool) -> Bool {
      let path = path.lowercased()
      return path.ranges(of: name).contains { range in
        guard range.upperBound < path.endIndex, ".-".contains(path[range.upperBound]) else {
          return false
        }
        guard asWord, range.lowerBound > path.startIndex else { return true }
        let before = path[path.index(before: range.lowerBound)]
        return !before.isLetter && !before.isNumber
      }
    }
    return models.first { has($0, asWord: true) } ?? models.first { has($0, asWord: false) }
  }
}
