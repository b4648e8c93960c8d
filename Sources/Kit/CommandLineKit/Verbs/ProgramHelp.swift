/// The texts of `--help`.
enum ProgramHelp {
    static func text(of program: Program) -> String {
        var verbs = program.verbs.map { ($0.name, $0.summary) }
        verbs.append(("\(Program.completion) SHELL", "prints the completion script of bash, zsh or fish."))
        return """
            \(program.name): \(program.summary)

            Usage: \(program.name) VERB [arguments] [options]

            Verbs:
            \(table(verbs))

            Options of every verb:
            \(table(rows(program.options)))
            \(program.notes.isEmpty ? "" : "\n\(program.notes)\n")
            \(program.name) VERB --help says more about each, \(program.name) --version which one this is.

            """
    }

    /// The help of verbs with the same first word.
    static func family(_ verbs: [Verb], of program: Program) -> String {
        """
        \(table(verbs.map { ("\(program.name) \($0.name)", $0.summary) }))

        \(program.name) VERB --help says more about each.

        """
    }

    static func text(of verb: Verb, in program: Program) -> String {
        let operands = verb.operands.map { " \($0.usage)" }.joined()
        return """
            \(program.name) \(verb.name): \(verb.summary)

            Usage: \(program.name) \(verb.name)\(operands) [options]
            \(verb.details.isEmpty ? "" : "\n\(verb.details)\n")
            Options:
            \(table(rows(verb.options + program.options)))

            """
    }

    static func completion(of program: Program) -> String {
        """
        \(program.name) completion: prints the completion script of a shell.

        Usage: \(program.name) completion bash|zsh|fish

          bash  source <(\(program.name) completion bash)
          zsh   source <(\(program.name) completion zsh)
          fish  \(program.name) completion fish | source

        """
    }

    private static func rows(_ options: [Verb.Option]) -> [(String, String)] {
        let help: Verb.Option = .flag("--help", "Print this help and exit.")
        return (options + [help]).map { option in
            (option.name + (option.placeholder.map { " \($0)" } ?? ""), option.help)
        }
    }

    /// Two columns; a second one of several lines is indented.
    private static func table(_ rows: [(String, String)]) -> String {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { name, text in
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let indent = "\n" + String(repeating: " ", count: width + 4)
            let padding = String(repeating: " ", count: width - name.count)
            return "  \(name)\(padding)  \(lines.joined(separator: indent))"
        }.joined(separator: "\n")
    }
}
