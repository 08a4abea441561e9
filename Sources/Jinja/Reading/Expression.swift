/// Something that has a value.
indirect enum Expression: Sendable {
  case constant(JinjaValue)
  case name(String)
  /// The text that the block around it has caught.
  case caught
  case list([Expression])
  case tuple([Expression])
  case mapping([Pair])
  /// `a.b`
  case attribute(Expression, String)
  /// `a[b]`
  case item(Expression, Expression)
  /// `a[start:stop:step]`
  case slice(Expression, start: Expression?, stop: Expression?, step: Expression?)
  case call(Expression, Arguments)
  /// `a|name(…)`
  case filter(Expression, String, Arguments)
  /// `a is name …`
  case test(Expression, String, Arguments)
  case not(Expression)
  case and(Expression, Expression)
  case or(Expression, Expression)
  case sign(Sign, Expression)
  case binary(Operator, Expression, Expression)
  /// `a < b <= c`
  case comparison(Expression, [Link])
  /// `a if condition else b`
  case conditional(Expression, then: Expression, otherwise: Expression?)

  /// A key with its value.
  struct Pair: Sendable {
    let key: Expression
    let value: Expression
  }

  /// One step of a chain of comparisons.
  struct Link: Sendable {
    let comparison: Comparison
    let operand: Expression
  }

  /// What stands in the brackets of a call.
  struct Arguments: Sendable {
    var positional: [Expression] = []
    var named: [(name: String, value: Expression)] = []
    /// `*items`
    var spread: Expression?
    /// `**mapping`
    var namedSpread: Expression?
  }

  enum Sign: Sendable { case plus, minus }

  enum Operator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case remainder = "%"
    case power = "**"
    /// Joins two texts.
    case concatenate = "~"
  }

  enum Comparison: String, Sendable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"
    case isNotIn = "not in"
  }
}
