/// A number that a person sets while a conversation runs: its name in ollama, which commands and
/// records use.
public enum Parameter: String, Hashable, CaseIterable, Sendable {
  case temperature
  case topK = "top_k"
  case topP = "top_p"
  case minP = "min_p"
  case seed
  /// The limit on new tokens of an answer, which is no matter of the sampler.
  case numPredict = "num_predict"
  case repeatPenalty = "repeat_penalty"
  case repeatLastN = "repeat_last_n"
}

extension SessionRecord.Sampler {
  /// The value of a parameter, as `set` reads it; nil for the one that is not the sampler's.
  public func text(of parameter: Parameter) -> String? {
    switch parameter {
    case .temperature: "\(temperature)"
    case .topK: "\(topK)"
    case .topP: "\(topP)"
    case .minP: "\(minP)"
    case .seed: "\(seed)"
    case .repeatPenalty: "\(repeatPenalty)"
    case .repeatLastN: "\(repeatLastN)"
    case .numPredict: nil
    }
  }

  /// Sets a parameter to what `text` spells; false where it spells no value for it.
  public mutating func set(_ parameter: Parameter, to text: String) -> Bool {
    switch parameter {
    case .temperature: put(text, in: \.temperature)
    case .topK: put(text, in: \.topK)
    case .topP: put(text, in: \.topP)
    case .minP: put(text, in: \.minP)
    case .seed: put(text, in: \.seed)
    case .repeatPenalty: put(text, in: \.repeatPenalty)
    case .repeatLastN: put(text, in: \.repeatLastN)
    case .numPredict: false
    }
  }

  private mutating func put<Value: LosslessStringConvertible>(
    _ text: String, in target: WritableKeyPath<Self, Value>
  ) -> Bool {
    guard let value = Value(text) else { return false }
    self[keyPath: target] = value
    return true
  }

  /// The first parameter whose value makes no sense, and what it must be; nil where all make sense.
  public var fault: (parameter: Parameter, demand: String)? {
    let demands: [(Parameter, Bool, String)] = [
      (.temperature, temperature >= 0 && temperature.isFinite, "0 or more"),
      (.topK, topK >= 0, "0 or more"),
      (.topP, topP > 0 && topP <= 1, "above 0 and at most 1"),
      (.minP, minP >= 0 && minP < 1, "at least 0 and below 1"),
      (.repeatPenalty, repeatPenalty > 0 && repeatPenalty.isFinite, "above 0"),
      (.repeatLastN, repeatLastN >= 0, "0 or more"),
    ]
    return demands.first { !$0.1 }.map { ($0.0, $0.2) }
  }
}
