/// Reads tokens as statements and expressions.
struct Parser {
  /// Tags in tags, and brackets in brackets.
  static let depthLimit = 60
  /// Operators, filters and calls in one tag.
  static let chainLimit = 2000

  private let tokens: [Token]
  private var index = 0
  private var depth = 0
  private var chain = 0

  /// The statements of a template.
  static func statements(of source: String) throws(JinjaError) -> [Statement] {
    var parser = Parser(tokens: try Lexer.tokens(of: source))
    let statements = try parser.body(until: [])
    guard parser.kind == .end else { throw parser.unexpected() }
    return statements
  }

  private init(tokens: [Token]) { self.tokens = tokens }

  /// The token to be read next.
  var token: Token { tokens[index] }

  /// What the next token is.
  var kind: Token.Kind { token.kind }

  /// What the token behind the next one is.
  var following: Token.Kind { tokens[min(index + 1, tokens.count - 1)].kind }

  /// Moves on by one token.
  mutating func move() { index = min(index + 1, tokens.count - 1) }

  /// Whether the next token is this symbol.
  func has(_ symbol: String) -> Bool { kind == .symbol(symbol) }

  /// Whether the next token is this word.
  func hasWord(_ word: String) -> Bool { kind == .name(word) }

  /// Moves behind `symbol` if it is next.
  mutating func skip(_ symbol: String) -> Bool {
    guard has(symbol) else { return false }
    move()
    return true
  }

  /// Moves behind `word` if it is next.
  mutating func skipWord(_ word: String) -> Bool {
    guard hasWord(word) else { return false }
    move()
    return true
  }

  /// Moves behind a token that has to be next.
  mutating func expect(_ expected: Token.Kind) throws(JinjaError) {
    guard kind == expected else {
      let words = Token(kind: expected, line: 0).words
      throw .syntax("\(words) is expected before \(token.words)", line: token.line)
    }
    move()
  }

  /// Reads a name.
  mutating func name() throws(JinjaError) -> String {
    guard case .name(let name) = kind else {
      throw .syntax("a name is expected before \(token.words)", line: token.line)
    }
    move()
    return name
  }

  /// The next token where it means nothing.
  func unexpected() -> JinjaError { .syntax("\(token.words) is not expected", line: token.line) }

  /// Goes one level deeper for what `read` reads.
  mutating func deeper<Result>(
    _ read: (inout Parser) throws(JinjaError) -> Result
  ) throws(JinjaError) -> Result {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else {
      throw JinjaError.limit("more than \(Self.depthLimit) levels are nested").at(token.line)
    }
    return try read(&self)
  }

  /// Counts one more link of a chain.
  mutating func link() throws(JinjaError) {
    chain += 1
    guard chain <= Self.chainLimit else {
      throw JinjaError.limit("an expression has more than \(Self.chainLimit) parts").at(token.line)
    }
  }

  /// Reads statements up to a tag that begins with one of `ends`, of which `{%` is taken.
  mutating func body(until ends: Set<String>) throws(JinjaError) -> [Statement] {
    var statements: [Statement] = []
    while true {
      let line = token.line
      chain = 0
      switch kind {
      case .text(let text):
        move()
        statements.append(Statement(kind: .text(text), line: line))
      case .outputBegin:
        move()
        statements.append(Statement(kind: .output(try expressions()), line: line))
        try expect(.outputEnd)
      case .tagBegin:
        move()
        if case .name(let word) = kind, ends.contains(word) { return statements }
        let kind = try deeper { parser throws(JinjaError) in try parser.statement() }
        statements.append(Statement(kind: kind, line: line))
      case .end:
        guard ends.isEmpty else {
          throw .syntax("'\(ends.sorted().joined(separator: "' or '"))' is missing", line: line)
        }
        return statements
      default: throw unexpected()
      }
    }
  }
}
