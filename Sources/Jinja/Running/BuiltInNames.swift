/// The names of what values can do.
enum BuiltInNames {
  /// The functions that every template has.
  static let functions: Set<String> = [
    "range", "namespace", "dict", "raise_exception", "strftime_now",
  ]
  /// What the methods of a mapping are called.
  static let mappingMethods: Set<String> = ["get", "items", "keys", "values", "copy"]
  /// Methods that would change a mapping, which is not allowed.
  static let mappingChanges: Set<String> = ["clear", "pop", "popitem", "setdefault", "update"]
  /// What the methods of a list are called.
  static let listMethods: Set<String> = ["index", "count"]
  /// What the methods of a text are called.
  static let textMethods: Set<String> = [
    "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "partition", "rpartition",
    "startswith", "endswith", "removeprefix", "removesuffix", "find", "rfind", "index", "rindex",
    "count", "replace", "join", "format", "upper", "lower", "casefold", "title", "capitalize",
    "swapcase", "isdigit", "isdecimal", "isnumeric", "isalpha", "isalnum", "isspace", "isupper",
    "islower", "zfill", "ljust", "rjust", "center",
  ]
  /// Filters to which whatever counts as false has no elements.
  static let lenientFilters: Set<String> = [
    "map", "select", "reject", "selectattr", "rejectattr",
  ]
  /// Tests that are comparisons.
  static let comparisons: [String: Expression.Comparison] = [
    "eq": .equal, "equalto": .equal, "==": .equal, "ne": .unequal, "!=": .unequal,
    "lt": .less, "lessthan": .less, "<": .less, "le": .lessOrEqual, "<=": .lessOrEqual,
    "gt": .greater, "greaterthan": .greater, ">": .greater, "ge": .greaterOrEqual,
    ">=": .greaterOrEqual, "in": .isIn,
  ]
}
