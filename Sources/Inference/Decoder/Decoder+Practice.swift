import Dials
import Techniques
import Transformer

extension Decoder {
  /// Whether some drafter would learn from idle time.
  var hasPractice: Bool {
    modelDrafters.contains { !$0.drafter.isPractised(on: text.route, blockCount: blockCount) }
  }

  /// Lets the drafters that run the model practise on the end of the text while nothing else is to do, at
  /// most `count` times; false when none of them had anything to learn from.
  func practise(_ count: Int, while isIdle: () -> Bool) -> Bool {
    let model = ModelAtRest(decoder: self)
    defer { model.putBack() }
    var hasLearned = false
    for index in modelDrafters.indices {
      for _ in 0..<count where isIdle() {
        if modelDrafters[index].drafter.isPractised(on: text.route, blockCount: blockCount) {
          break
        }
        guard modelDrafters[index].drafter.practise(with: model) else { break }
        hasLearned = true
      }
    }
    return hasLearned
  }
}

/// The model as a drafter sees it in idle time: the end of the text is taken back, to be read along other
/// routes, until `putBack`.
private final class ModelAtRest: PracticeModel {
  private let decoder: Decoder
  /// What was taken back.
  private var tail: [TokenID] = []

  init(decoder: Decoder) { self.decoder = decoder }

  var blockCount: Int { decoder.blockCount }
  var route: Route { decoder.text.route }

  func agreement(along route: Route, count: Int) -> Double? {
    let pass = decoder.pass
    putBack(unless: count)
    if tail.isEmpty {
      let first = decoder.text.count - count
      guard count > 1, first > 0, pass.canContinue(from: first) else { return nil }
      tail = Array(decoder.text.tokens.suffix(count))
      decoder.text.truncate(to: first)
    }
    guard pass.flightLimit >= count else { return nil }
    for token in tail { decoder.text.append(token, after: decoder.text.flight.indices.last) }
    decoder.text.advance(to: blockCount, along: CachedText.Way(route: route, rule: nil))
    var hits = 0
    for part in pass.headParts(of: Array(0..<count - 1)) {
      let logits = pass.logits(rows: part)
      for (place, row) in part.enumerated() where logits.argmax(row: place) == tail[row + 1] {
        hits += 1
      }
    }
    decoder.text.discard()
    return Double(hits) / Double(count - 1)
  }

  /// Reads again what was taken back, unless it is `count` tokens.
  func putBack(unless count: Int = 0) {
    guard tail.count != count else { return }
    var left = tail[...]
    while !left.isEmpty {
      left = left.dropFirst(decoder.text.read(left))
      decoder.text.commitAll()
    }
    tail = []
  }
}
