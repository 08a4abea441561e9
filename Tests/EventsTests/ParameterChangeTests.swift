import Events
import TestSupport
import Testing

/// What a change of a setting means, read from the texts of its record.
struct ParameterChangeTests {
  private func change(_ key: String, to new: String) -> ParameterRecord.Change {
    ParameterRecord(key: key, old: "", new: new, tNs: 0).change
  }

  @Test func `a record's key says what changed`() {
    #expect(change("temperature", to: "0.5") == .parameter(.temperature))
    #expect(change("num_predict", to: "-1") == .parameter(.numPredict))
    #expect(change("preset", to: "balanced") == .preset(PresetState(.balanced)))
    #expect(change("adapter", to: "off") == .adapter(nil))
    #expect(change("exit-policy", to: "fixed 2") == .other)
    #expect(change("of a later version", to: "x") == .other)
  }

  @Test(
    arguments: [
      ("off", nil, []), ("", nil, []), ("balanced", "balanced", []),
      ("balanced, uncertified: another sampler", "balanced", ["another sampler"]),
      (
        "saving, uncertified: another model, another reach", "saving",
        ["another model", "another reach"]
      ),
    ] as [(String, String?, [String])])
  func `a preset's state is read back as it was written`(
    text: String, name: String?, objections: [String]
  ) {
    let state = PresetState(parsing: text)
    #expect(state.name == name && state.objections == objections)
    #expect(state.isCertified == objections.isEmpty)
    if !text.isEmpty { #expect("\(state)" == text) }
  }

  @Test(arguments: Parameter.allCases)
  func `a sampler reads what it writes`(parameter: Parameter) {
    let sampler = SessionRecord.Sampler(temperature: 0.7, topP: 0.3, seed: .max)
    guard let text = sampler.text(of: parameter) else {
      #expect(parameter == .numPredict)
      return
    }
    var other = SessionRecord.Sampler(
      temperature: 1, topK: 1, topP: 1, minP: 0.5, repeatPenalty: 2, repeatLastN: 1, seed: 1)
    let isSet = other.set(parameter, to: text)
    #expect(isSet)
    #expect(other.text(of: parameter) == text)
    let isSetToWords = other.set(parameter, to: "much")
    #expect(!isSetToWords)
    #expect(other.text(of: parameter) == text)
  }
}
