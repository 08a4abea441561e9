/// As much of a programming language as its colours need: how comments, strings and words of it look.
struct CodeLanguage: Hashable {
  /// What a block of code is marked with.
  let names: [String]
  /// What begins a comment that ends with the line.
  var lineComments: [String] = []
  /// What begins and ends a comment of any length.
  var blockComment: [String] = []
  /// What begins and ends a string: on one line, where it is a single character.
  var strings: [String] = ["\"", "'"]
  /// Words of the language.
  var keywords: Set<String> = []
  /// Whether `SELECT` is `select`.
  var ignoresCase = false

  /// The language of a block's first word; of any other, what most languages have in common.
  static func named(_ name: String) -> CodeLanguage {
    byName[name.lowercased()]
      ?? CodeLanguage(
        names: [], lineComments: ["//", "# "], blockComment: ["/*", "*/"], strings: ["\""])
  }

  private static let byName: [String: CodeLanguage] = {
    var languages: [String: CodeLanguage] = [:]
    for language in all {
      for name in language.names { languages[name] = language }
    }
    return languages
  }()

  private static func words(_ text: String) -> Set<String> {
    Set(text.split(separator: " ").map(String.init))
  }

  /// Languages whose comments are C's.
  private static func braces(
    _ names: [String], strings: [String] = ["\"", "'"], _ keywords: String
  ) -> CodeLanguage {
    CodeLanguage(
      names: names, lineComments: ["//"], blockComment: ["/*", "*/"], strings: strings,
      keywords: words(keywords))
  }

  /// Languages whose comments begin with `#`.
  private static func hashes(
    _ names: [String], strings: [String] = ["\"", "'"], _ keywords: String
  ) -> CodeLanguage {
    CodeLanguage(
      names: names, lineComments: ["#"], strings: strings, keywords: words(keywords))
  }

  private static let all: [CodeLanguage] = [
    braces(
      ["swift"], strings: ["\"\"\"", "\""],
      "actor any as async await break case catch class continue default defer deinit do else enum "
        + "extension fallthrough false for func guard if import in init inout internal is let mutating "
        + "nil override package private protocol public repeat return self Self some static struct "
        + "super switch throw throws true try typealias var where while"),
    hashes(
      ["python", "py", "python3"], strings: ["\"\"\"", "'''", "\"", "'"],
      "and as assert async await break case class continue def del elif else except False finally "
        + "for from global if import in is lambda match None nonlocal not or pass raise return self "
        + "True try while with yield"),
    braces(
      ["javascript", "js", "typescript", "ts", "jsx", "tsx", "node"], strings: ["`", "\"", "'"],
      "abstract any as async await boolean break case catch class const continue declare default "
        + "delete do else enum export extends false finally for from function if implements import in "
        + "instanceof interface let new null number of private public readonly return static string "
        + "super switch this throw true try type typeof undefined var void while yield"),
    braces(
      ["c", "h", "cpp", "c++", "cc", "hpp", "objc"],
      "auto bool break case catch char class const constexpr continue default delete do double else "
        + "enum explicit extern false final float for friend goto if inline int long namespace new "
        + "noexcept nullptr operator override private protected public return short signed sizeof "
        + "static struct switch template this throw true try typedef typename union unsigned using "
        + "virtual void volatile while #include #define #if #ifdef #ifndef #else #endif #pragma"),
    braces(
      ["java", "kotlin", "kt", "scala", "groovy"], strings: ["\"\"\"", "\"", "'"],
      "abstract as boolean break byte case catch char class companion continue data default do double "
        + "else enum extends false final finally float for fun if implements import in instanceof int "
        + "interface is lazy long new null object open override package private protected public "
        + "return short static super switch this throw throws true try val var void when while"),
    braces(
      ["csharp", "cs", "c#"],
      "abstract as async await base bool break byte case catch char class const continue decimal "
        + "default delegate do double else enum event false finally float for foreach get if in int "
        + "interface internal is lock long namespace new null object out override private protected "
        + "public readonly ref return sealed set static string struct switch this throw true try using "
        + "var virtual void while yield"),
    braces(
      ["go", "golang"], strings: ["`", "\"", "'"],
      "break case chan const continue default defer else fallthrough false for func go goto if import "
        + "interface map nil package range return select struct switch true type var"),
    braces(
      ["rust", "rs"], strings: ["\""],
      "as async await break const continue crate dyn else enum extern false fn for if impl in let loop "
        + "match mod move mut pub ref return self Self static struct super trait true type unsafe use "
        + "where while"),
    hashes(
      ["ruby", "rb"],
      "alias and begin break case class def do else elsif end ensure false for if in module next nil "
        + "not or puts raise redo require rescue retry return self super then true undef unless until "
        + "when while yield"),
    CodeLanguage(
      names: ["php"], lineComments: ["//", "#"], blockComment: ["/*", "*/"],
      keywords: words(
        "abstract array as break case catch class const continue default do echo else elseif extends "
          + "false final for foreach function global if implements interface namespace new null private "
          + "protected public return static switch this throw true try use var while")),
    hashes(
      ["bash", "sh", "shell", "zsh", "console"],
      "alias break case cd continue do done echo elif else esac eval exec exit export fi for function "
        + "if in local read return set shift source sudo then trap unset until while"),
    CodeLanguage(
      names: ["sql", "postgresql", "mysql", "sqlite"], lineComments: ["--"],
      blockComment: ["/*", "*/"],
      keywords: words(
        "add all alter and as asc begin between by case column commit constraint create default delete "
          + "desc distinct drop else end exists foreign from group having in index inner insert into is "
          + "join key left like limit not null offset on or order outer primary references right "
          + "rollback select set table then union unique update values view when where with"),
      ignoresCase: true),
    CodeLanguage(
      names: ["html", "xml", "svg", "xhtml"], blockComment: ["<!--", "-->"], strings: ["\"", "'"]),
    CodeLanguage(names: ["css", "scss", "less"], blockComment: ["/*", "*/"]),
    CodeLanguage(names: ["json", "jsonc"], strings: ["\""], keywords: ["true", "false", "null"]),
    hashes(["yaml", "yml"], "true false null yes no"),
    hashes(
      ["toml", "ini", "conf", "dockerfile", "docker", "makefile", "make", "cmake"],
      strings: ["\"\"\"", "\"", "'"],
      "true false FROM RUN COPY ADD CMD ENTRYPOINT ENV WORKDIR EXPOSE ARG include ifeq else endif"),
    hashes(
      ["r", "julia", "jl", "perl", "pl", "elixir", "ex"],
      "break do else elseif elsif end false FALSE for foreach function if in let library local module "
        + "my next NULL print return struct sub then true TRUE unless use using while"),
    CodeLanguage(
      names: ["lua", "haskell", "hs"], lineComments: ["--"], strings: ["\""],
      keywords: words(
        "and break case class data deriving do else elseif end false for function if import in instance "
          + "let local module nil not of or repeat return then true type until where while")),
  ]
}
