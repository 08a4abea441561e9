import Dials
import Techniques

extension Dialogue {
  /// The same with the whole model deciding every token by itself: no exits, no guesses, every block, big
  /// feed-forwards. What attention sees stays, and so does an adapter that changes the model. Nil where
  /// that is set already.
  var asWhole: Dialogue? {
    var whole = settings
    (whole.preset, whole.beforePreset) = (nil, nil)
    whole.depth = ChatSettings().depth
    whole.draft = Worded(.off)
    whole.pruned = Worded(.none)
    whole.budget = .whole
    guard let dials = try? whole.dials(for: model), dials != self.dials else { return nil }
    var other = self
    other.take(whole, dials)
    return other
  }
}
