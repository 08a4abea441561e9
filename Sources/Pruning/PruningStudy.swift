package import Dials
import Foundation
import Reports

/// Perplexities of a model with 0, 1, 2 … blocks gone, for several methods on several texts.
package struct PruningStudy: Hashable, Codable, Sendable {
  /// A text that the methods are judged by.
  package struct Text: Hashable, Codable, Sendable {
    /// The file's name.
    package var name: String
    /// Windows that were read.
    package var windowCount: Int
    /// Tokens scored in each.
    package var scoredPerWindow: Int

    /// A text.
    package init(name: String, windowCount: Int, scoredPerWindow: Int) {
      self.name = name
      self.windowCount = windowCount
      self.scoredPerWindow = scoredPerWindow
    }
  }

  /// What is left of a text's perplexity when so many blocks are gone.
  package struct Point: Hashable, Codable, Sendable {
    /// `exp` of the mean loss; of several orders, of the mean of their losses, so that one bad order
    /// does not drown the others.
    package var perplexity: Double
    /// Its standard error: over the windows, or over the orders where there are several.
    package var error: Double
    /// The lowest and the highest perplexity of an order.
    package var range: [Double]
    /// By how much, as a share, the perplexity is above SLEB's.
    package var excess: Double
    /// The standard error of that, from the differences window by window.
    package var excessError: Double
  }

  /// One method on every text.
  package struct Series: Hashable, Codable, Sendable {
    /// The method.
    package var method: PruningMethod
    /// The blocks in the order in which they go; several orders where chance decides.
    package var orders: [[BlockIndex]]
    /// By text, and by blocks gone.
    package var points: [[Point]]
  }

  /// How fast the model writes without so many blocks, against the whole model in the same turns.
  package struct Speed: Hashable, Codable, Sendable {
    /// The median of the turns.
    package var tokensPerSecond: Double
    /// The median of the ratios of neighbouring turns.
    package var ratio: Double
    /// Between which the middle half of these ratios lies.
    package var range: [Double]

    /// Rates of the same turns, without the blocks and of the whole model.
    package init(rates: [Double], whole: [Double]) {
      let ratios = zip(rates, whole).map { $0 / $1 }
      tokensPerSecond = rates.median
      ratio = ratios.median
      range = ratios.central(0.5).map { [$0.lowerBound, $0.upperBound] } ?? [ratio, ratio]
    }
  }

  /// The model.
  package var model: String
  /// The texts.
  package var texts: [Text]
  /// The methods, SLEB first.
  package var series: [Series]
  /// By blocks gone; empty when not measured.
  package var speeds: [Speed]

  /// A study of `orders`, the first of which is SLEB's. `losses` holds, by text and set of blocks, the
  /// summed loss of each window in nats.
  package init(
    model: String, texts: [Text], orders: [(method: PruningMethod, orders: [[BlockIndex]])],
    losses: [[BlockSet: [Double]]], speeds: [Speed]
  ) {
    self.model = model
    self.texts = texts
    self.speeds = speeds
    let count = orders.flatMap(\.orders).map(\.count).min() ?? 0
    series = orders.map { entry in
      let points = zip(texts, losses).map { text, losses in
        (0...count).map { gone in
          Point(
            of: entry.orders.map { losses[BlockSet($0.prefix(gone))] ?? [] },
            against: losses[BlockSet(orders[0].orders[0].prefix(gone))] ?? [],
            scoredPerWindow: Double(text.scoredPerWindow))
        }
      }
      return Series(method: entry.method, orders: entry.orders, points: points)
    }
  }

  /// Blocks gone at most.
  package var count: Int { (series.first?.points.first?.count ?? 1) - 1 }
}

extension PruningStudy.Point {
  /// The point of some orders' losses by window, beside SLEB's.
  fileprivate init(of orders: [[Double]], against sleb: [Double], scoredPerWindow: Double) {
    let means = orders.map { $0.map { $0 / scoredPerWindow }.mean }
    let windows = sleb.indices.map { window in
      orders.reduce(0) { $0 + $1[window] } / Double(orders.count) / scoredPerWindow
    }
    let spread = orders.count > 1 ? means : windows
    let difference = zip(windows, sleb).map { $0 - $1 / scoredPerWindow }
    perplexity = exp(windows.mean)
    error = perplexity * spread.standardError
    range = [means.min() ?? 0, means.max() ?? 0].map { exp($0) }
    excess = exp(difference.mean) - 1
    excessError = exp(difference.mean) * difference.standardError
  }
}
