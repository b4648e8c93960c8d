import Glibc

// Lets a program in another language compare with this one; Tests/EndToEnd does. See `Conformance --help`.
let arguments = Array(CommandLine.arguments.dropFirst())
switch (arguments.first, arguments.count) {
case ("json", 1): Frames.answer(JSONConformance().answer)
case ("map", 2): Frames.answer(try MappingConformance(directory: arguments[1]).answer)
case ("-h", 1), ("--help", 1): print(Frames.help)
default:
    let line = Array("error: bad arguments: see Conformance --help\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(64)
}
