package import Dials
import Kernels
import Techniques
package import Transformer

/// Makes tables for drafters of texts, without writing a token: the model reads them, and what it holds most
/// probable at each position is added up for the token before and for the two before.
package struct GuessTables {
  /// What was seen behind some tokens.
  private struct Looks {
    var count = 0
    var choices: [TokenChoice] = []

    mutating func add(_ seen: [TokenChoice]) {
      count += 1
      for choice in seen {
        if let place = choices.firstIndex(where: { $0.token == choice.token }) {
          choices[place].share += choice.share
        } else {
          choices.append(choice)
        }
      }
      guard choices.count > 3 * GuessTables.width else { return }
      choices.sort { $0.share > $1.share }
      choices.removeLast(choices.count - 2 * GuessTables.width)
    }

    /// The followers with their mean shares, likeliest first.
    var best: [TokenChoice] {
      choices.map { TokenChoice(token: $0.token, share: $0.share / Float(count)) }
        .sorted { ($0.share, $1.token) > ($1.share, $0.token) }
    }
  }

  private static let width = DraftPlanner.choiceCount

  private let pass: ForwardPass
  private let kernels: KernelSet
  /// By the tokens before, one or two.
  private var looks: [[TokenID]: Looks] = [:]
  /// Positions that were read.
  package private(set) var count = 0

  /// No texts yet, of at most `length` tokens each.
  package init(_ runtime: ModelRuntime, length: Int) {
    pass = ForwardPass(runtime, capacity: length, rowCapacity: 256)
    kernels = runtime.kernels
  }

  /// Reads a text, and looks at these positions of it, ascending.
  package mutating func read(_ tokens: [TokenID], positions: [Int]) {
    pass.truncate(to: 0)
    let wanted = Set(positions)
    for start in stride(from: 0, to: tokens.count, by: pass.rowCapacity) {
      let part = tokens[start..<min(start + pass.rowCapacity, tokens.count)]
      pass.appendChain(part)
      pass.run(rows: 0..<part.count, blocks: 0..<pass.blockCount)
      for rows in pass.headParts(of: part.indices.filter(wanted.contains).map { $0 - start }) {
        let logits = pass.logits(rows: rows)
        for (place, row) in rows.enumerated() {
          look(at: start + row, of: tokens, UnsafeBufferPointer(logits[place]))
        }
      }
      pass.commit(path: Array(0..<part.count))
    }
  }

  private mutating func look(
    at position: Int, of tokens: [TokenID], _ logits: UnsafeBufferPointer<Float>
  ) {
    let best = Candidates.top(Self.width, of: logits, kernels: kernels)
    guard let highest = best.first?.value else { return }
    let weights = best.map { Candidates.weight($0.value, highest: highest) }
    let sum = weights.reduce(0, +)
    let seen = zip(best, weights).map { TokenChoice(token: TokenID($0.index), share: $1 / sum) }
    count += 1
    for length in 1...2 where position + 1 >= length {
      looks[Array(tokens[(position + 1 - length)...position]), default: Looks()].add(seen)
    }
  }

  /// The tables, by the words of the drafters: what was seen most often first, as far as there is room.
  package var tables: [String: [UInt8]] {
    [
      DraftSource.recycling.rawValue: table(of: 1, limit: .max),
      DraftSource.trigram.rawValue: table(of: 2, limit: TrigramDrafter.capacity * 2),
    ]
  }

  private func table(of length: Int, limit: Int) -> [UInt8] {
    let rows = looks.filter { $0.key.count == length }
      .sorted { left, right in
        left.value.count != right.value.count
          ? left.value.count > right.value.count
          : left.key.lexicographicallyPrecedes(right.key)
      }
    return ShareRows.bytes(
      of: rows.prefix(limit).map { ShareRow(context: $0.key, choices: $0.value.best) })
  }
}
