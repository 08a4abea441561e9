import Files
import Shell

/// Prints a line on the standard output.
func say(_ line: String = "") throws(FileError) { try StandardStreams.write(line + "\n") }

/// Prints a line on the error output, as far as that is possible. What the program says of itself goes to the log,
/// too.
func printError(_ line: String) {
  StandardStreams.writeError(line + "\n")
  if line.hasPrefix("fathom: ") { Log.write(.warning, String(line.dropFirst(8))) }
}
