/// The edges of an automaton, and where the one from a state with a token is.
///
/// The index is 16 hash tables with open addressing, so that none of them takes long to grow.
struct AutomatonEdges: Sendable {
  /// 20 bytes.
  struct Edge {
    /// Where it begins.
    let source: Int32
    /// Its token.
    let token: Int32
    /// Where it leads.
    fileprivate(set) var target: Int32
    /// The next edge of the same state; -1 behind the last one.
    let next: Int32
    /// How often it was taken.
    fileprivate(set) var count: Int32
  }

  private static let tableBits: UInt64 = 4

  private var edges: [Edge] = []
  /// Numbers of edges, -1 where there is none; each table has a power of two of places.
  private var tables = [[Int32]](
    repeating: Array(repeating: -1, count: 16), count: 1 << tableBits)
  private var used = [Int](repeating: 0, count: 1 << tableBits)

  /// Edges.
  var count: Int { edges.count }

  /// An edge by its number.
  subscript(_ edge: Int32) -> Edge { edges[Int(edge)] }

  /// The number of the edge from a state with a token.
  func find(from source: Int32, _ token: Int32) -> Int32? {
    let hash = Self.hash(source, token)
    let table = Self.table(of: hash)
    return tables[table].withUnsafeBufferPointer { places in
      var place = Int(truncatingIfNeeded: hash) & (places.count - 1)
      while places[place] >= 0 {
        let edge = edges[Int(places[place])]
        if edge.source == source, edge.token == token { return places[place] }
        place = (place + 1) & (places.count - 1)
      }
      return nil
    }
  }

  /// Adds an edge that is not there yet; returns its number.
  mutating func append(_ edge: Edge) -> Int32 {
    let number = Int32(edges.count)
    edges.append(edge)
    let hash = Self.hash(edge.source, edge.token)
    let table = Self.table(of: hash)
    used[table] += 1
    if used[table] * 2 > tables[table].count { grow(table) }
    Self.put(number, hash, into: &tables[table])
    return number
  }

  /// Leads an edge to another state.
  mutating func redirect(_ edge: Int32, to target: Int32) { edges[Int(edge)].target = target }

  /// Counts that an edge was taken.
  mutating func count(_ edge: Int32) { edges[Int(edge)].count += 1 }

  private mutating func grow(_ table: Int) {
    var grown = [Int32](repeating: -1, count: tables[table].count * 2)
    for number in tables[table] where number >= 0 {
      let edge = edges[Int(number)]
      Self.put(number, Self.hash(edge.source, edge.token), into: &grown)
    }
    tables[table] = grown
  }

  private static func put(_ number: Int32, _ hash: UInt64, into places: inout [Int32]) {
    var place = Int(truncatingIfNeeded: hash) & (places.count - 1)
    while places[place] >= 0 { place = (place + 1) & (places.count - 1) }
    places[place] = number
  }

  private static func table(of hash: UInt64) -> Int {
    Int(truncatingIfNeeded: hash >> (64 - tableBits))
  }

  /// The finisher of SplitMix64 over state and token.
  private static func hash(_ source: Int32, _ token: Int32) -> UInt64 {
    var hash =
      UInt64(UInt32(bitPattern: source)) << 32 | UInt64(UInt32(bitPattern: token))
    hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
    hash = (hash ^ hash >> 27) &* 0x94d0_49bb_1331_11eb
    return hash ^ hash >> 31
  }
}
