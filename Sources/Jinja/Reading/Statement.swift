/// A piece of a template, and the line that it begins on.
struct Statement: Sendable {
  /// What it is.
  indirect enum Kind: Sendable {
    case text(JinjaText)
    /// `{{ … }}`
    case output(Expression)
    /// `{% if … %}`, each `elif` another branch
    case branch([Branch], otherwise: [Statement])
    case loop(Loop)
    /// `{% set a, b = … %}`
    case set(Target, Expression)
    /// `{% set a %}…{% endset %}`, with filters over what was caught
    case catchInto(Target, Expression, [Statement])
    /// `{% filter … %}…{% endfilter %}`
    case filtered(Expression, [Statement])
    case macro(Macro)
    /// `{% call … %}…{% endcall %}`: the body is the macro `caller`
    case call(Expression, caller: Macro)
    /// `{% with … %}` and `{% generation %}`: names of its own
    case scope([(Target, Expression)], [Statement])
    case leaveLoop
    case nextRound
  }

  let kind: Kind
  let line: Int

  /// A condition and what it guards.
  struct Branch: Sendable {
    let condition: Expression
    let body: [Statement]
  }

  /// `{% for target in items if condition %}…{% else %}…{% endfor %}`
  struct Loop: Sendable {
    let target: Target
    let items: Expression
    let condition: Expression?
    let body: [Statement]
    let otherwise: [Statement]
  }

  /// A macro as it is written.
  struct Macro: Sendable {
    let name: String
    let parameters: [(name: String, standard: Expression?)]
    let body: [Statement]
  }

  /// What can be given a value.
  indirect enum Target: Sendable {
    case name(String)
    case names([Target])
    /// An attribute of a namespace.
    case attribute(String, String)
  }
}
