/// The order in which a training takes what there is: all of it in each epoch, at random, the same for the
/// same seed.
struct EpochOrder {
  private let seed: UInt64
  private let count: Int
  private var order: [Int32] = []
  private var epoch = -1

  /// An order of `count` things.
  init(count: Int, seed: UInt64) {
    self.count = count
    self.seed = seed
  }

  /// The things of batch `batch`, 0 for the first, of `size` each.
  mutating func batch(_ batch: Int, size: Int) -> [Int] {
    (0..<size).map { offset in
      let (epoch, place) = (batch * size + offset).quotientAndRemainder(dividingBy: count)
      if epoch != self.epoch { shuffle(epoch) }
      return Int(order[place])
    }
  }

  private mutating func shuffle(_ epoch: Int) {
    var generator = CounterGenerator(seed: seed, .order, epoch)
    order = Array(0..<Int32(count))
    order.shuffle(using: &generator)
    self.epoch = epoch
  }
}
