import Dials

/// Which positions of a cache follow one another, and what stands behind each: the tokens are not in it.
struct DraftPositions {
  /// By position of the cache: the token behind it in its text.
  let next: [Int32]
  /// By position: how many of the following positions continue its text, up to 255.
  let following: [UInt8]

  /// The positions of a cache of `texts`, in its order: those that are held out first.
  init(_ texts: [TrainingText], count: Int) {
    var next: [Int32] = []
    var following: [UInt8] = []
    next.reserveCapacity(count)
    following.reserveCapacity(count)
    for text in texts.filter(\.isHeldOut) + texts.filter({ !$0.isHeldOut }) {
      for range in text.targets {
        for place in range where next.count < count {
          next.append(text.tokens[place].rawValue)
          following.append(UInt8(clamping: range.upperBound - 1 - place))
        }
      }
    }
    // Behind the last position there is nothing to learn from.
    for back in 0..<min(256, following.count) {
      let place = following.count - 1 - back
      following[place] = min(following[place], UInt8(clamping: back))
    }
    self.next = next
    self.following = following
  }

  /// The positions of `range` behind which there is something to guess.
  func anchors(in range: Range<Int>) -> [Int32] {
    range.lazy.filter { following[$0] > 0 }.map { Int32($0) }
  }

  /// How many of `anchors`, which come with most followers first, have a guess number `guess`, from 0.
  func count(of anchors: [Int], guess: Int) -> Int {
    anchors.count { following[$0] > guess }
  }
}

/// The teacher's predictions as a draft head can say them: tokens that it does not have are one event.
struct DraftTargets {
  /// By token of the vocabulary: its row of the head's output.
  private let columns: [Int32]
  /// The row of all others.
  let others: Int32

  /// The rows of `tokens`, in their order.
  init(tokens: [Int32], vocabularyCount: Int) {
    var columns = [Int32](repeating: Int32(tokens.count), count: vocabularyCount)
    for (row, token) in tokens.enumerated() { columns[Int(token)] = Int32(row) }
    self.columns = columns
    others = Int32(tokens.count)
  }

  /// The row of a token.
  func column(of token: Int32) -> Int32 { columns[Int(token)] }

  /// The rows and their probabilities in the place of the tokens, [positions · k]. A row stands once in each
  /// position; what was merged leaves entries of probability 0.
  func translated(_ teacher: TeacherTopK, topK: Int) -> (columns: [Int32], probabilities: [Float]) {
    var columns = teacher.ids.map(column(of:))
    var probabilities = teacher.probabilities
    for start in stride(from: 0, to: columns.count, by: topK) {
      var first: Int?
      for place in start..<start + topK where columns[place] == others {
        guard let kept = first else {
          first = place
          continue
        }
        probabilities[kept] += probabilities[place]
        probabilities[place] = 0
        columns[place] = others
      }
    }
    return (columns, probabilities)
  }
}
