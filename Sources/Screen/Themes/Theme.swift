/// A style for every role.
package struct Theme: Hashable, Sendable {
  /// What `/theme` calls it.
  package var name: String
  /// One line about it.
  package var summary: String
  /// The styles; a role that is not in it has the terminal's own.
  package var styles: [Role: Style]

  /// A theme with these styles.
  package init(name: String, summary: String = "", styles: [Role: Style] = [:]) {
    self.name = name
    self.summary = summary
    self.styles = styles
  }

  /// The styles as a terminal with `depth` colours shows them.
  package func palette(at depth: ColorDepth) -> Palette {
    Palette(
      paints: Dictionary(
        uniqueKeysWithValues: styles.map { role, style in
          let color = style.color?.index(at: depth)
          var attributes = style.attributes
          if depth == .none, style.color != nil { attributes.formUnion(role.stepWithoutColor) }
          return (role, Palette.Paint(color: color, attributes: attributes))
        }))
  }
}

extension Role {
  /// How an amount is told from the others where there are no colours.
  fileprivate var stepWithoutColor: Style.Attributes {
    let steps: [Style.Attributes] = [.dim, [], .underline, .bold, [.bold, .underline]]
    return Role.amounts.firstIndex(of: self).map { steps[$0] } ?? []
  }
}

/// A theme brought down to what one terminal can show.
package struct Palette: Hashable, Sendable {
  /// How one role is drawn.
  package struct Paint: Hashable, Sendable {
    /// The index of the colour; nil is the terminal's own.
    package var color: Int?
    /// The attributes.
    package var attributes: Style.Attributes
  }

  private var paints: [Role: Paint]

  /// A palette of these paints.
  package init(paints: [Role: Paint]) { self.paints = paints }

  /// How `role` is drawn.
  package subscript(role: Role) -> Paint {
    paints[role] ?? Paint(color: nil, attributes: [])
  }
}
