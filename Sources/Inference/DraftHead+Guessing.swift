package import Dials
import Techniques
package import Transformer

extension DraftHead: GuessingHead {
  /// As its file has them.
  package var bounds: [Float] { facts.bounds.map { Float($0) } }

  /// As its file has them.
  package var chances: [Double] { facts.chances }

  /// A reading, with what it names as choices.
  package func guess(
    behind token: TokenID, state: [Float]
  ) -> (choices: [TokenChoice], state: [Float]) {
    let reading = state.withUnsafeBufferPointer { read(state: $0, token: token) }
    let choices = zip(reading.tokens, reading.probabilities).map {
      TokenChoice(token: $0, share: $1)
    }
    return (choices, reading.state)
  }
}
