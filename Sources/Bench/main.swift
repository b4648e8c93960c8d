import Glibc

do {
    let options = try BenchOptions(Array(CommandLine.arguments.dropFirst()))
    if options.wantsHelp {
        print(BenchOptions.help)
    } else {
        for command in options.commands { try command.run(options) }
    }
} catch let error as BenchError {
    let line = Array("error: \(error.message)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(error.code)
}
