import Dials
import Foundation
package import Reports
package import Techniques

/// What a model under some dials makes of a text.
package struct TextScores: Hashable, Sendable {
  /// The dials.
  package let dials: DialSettings
  /// Windows read.
  package internal(set) var windowCount = 0
  /// `−ln p` of the scored tokens, in nats.
  package internal(set) var loss = SampleMean()
  /// `KL(plain ‖ these dials)` at the scored tokens, in nats; without values for the plain model.
  package internal(set) var divergence = SampleMean()
  /// 1 where the most probable token is the plain model's, else 0; without values for the plain model.
  package internal(set) var sameTop = SampleMean()
  /// Tokens read.
  package internal(set) var tokenCount = 0
  /// Seconds that took, heads included, comparison excluded.
  package internal(set) var seconds = 0.0

  init(dials: DialSettings) { self.dials = dials }

  /// `exp` of the mean loss.
  package var perplexity: Double { exp(loss.mean) }

  /// The standard error of the perplexity, to first order: the loss's times the perplexity.
  package var perplexityError: Double { loss.standardError * perplexity }

  /// Tokens read per second.
  package var tokensPerSecond: Double { seconds > 0 ? Double(tokenCount) / seconds : 0 }
}
