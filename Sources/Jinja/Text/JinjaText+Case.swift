extension JinjaText {
  /// In capital letters.
  var uppercased: JinjaText { mapped(\.uppercaseMapping) }

  /// In small letters.
  var lowercased: JinjaText { mapped(\.lowercaseMapping) }

  /// The first scalar as a capital letter, the others small.
  var capitalized: JinjaText {
    JinjaText(scalars.prefix(1)).mapped(\.titlecaseMapping)
      + JinjaText(scalars.dropFirst()).lowercased
  }

  /// `str.title` of Python: a capital letter wherever no letter stands before.
  var titled: JinjaText {
    var (result, afterLetter) = (JinjaText(""), false)
    for scalar in scalars {
      let one = JinjaText([scalar])
      result += afterLetter ? one.lowercased : one.mapped(\.titlecaseMapping)
      afterLetter = scalar.isCased
    }
    return result
  }

  /// The filter `title`: a capital letter at the beginning, and behind white space, `-`, `(`, `{`,
  /// `[` and `<`.
  var titledByWord: JinjaText {
    var (result, begins) = (JinjaText(""), true)
    for scalar in scalars {
      let one = JinjaText([scalar])
      let separates = scalar.isSpace || "-({[<".unicodeScalars.contains(scalar.scalar)
      result += separates ? one : begins ? one.uppercased : one.lowercased
      begins = separates
    }
    return result
  }

  /// Small letters as capital ones and the other way round.
  var swappedCase: JinjaText {
    JinjaText(
      scalars.flatMap { scalar in
        let one = JinjaText([scalar])
        return (scalar.scalar.properties.isUppercase ? one.lowercased : one.uppercased).scalars
      })
  }

  /// Whether all letters satisfy `condition`, and there is one.
  func hasOnlyCased(_ condition: (Unicode.Scalar.Properties) -> Bool) -> Bool {
    let cased = scalars.filter(\.isCased)
    return !cased.isEmpty && cased.allSatisfy { condition($0.scalar.properties) }
  }

  /// Whether there are scalars, and all satisfy `condition`.
  func consists(of condition: (MarkedScalar) -> Bool) -> Bool {
    !isEmpty && scalars.allSatisfy(condition)
  }

  private func mapped(_ mapping: (Unicode.Scalar.Properties) -> String) -> JinjaText {
    JinjaText(
      scalars.flatMap { scalar in
        mapping(scalar.scalar.properties).unicodeScalars.map(scalar.with)
      })
  }
}

extension MarkedScalar {
  /// Whether it is a letter that has capital and small forms.
  fileprivate var isCased: Bool {
    let properties = scalar.properties
    return properties.isUppercase || properties.isLowercase
      || properties.generalCategory == .titlecaseLetter
  }
}
