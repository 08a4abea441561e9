import Files

/// Prints a line on the standard output.
func say(_ line: String = "") throws(FileError) { try StandardStreams.write(line + "\n") }

/// Prints a line on the error output, as far as that is possible.
func printError(_ line: String) { StandardStreams.writeError(line + "\n") }
