/// Completion scripts, made from the verbs: nothing has to be kept in step by hand.
enum ProgramCompletion {
    enum Shell: String, CaseIterable { case bash, zsh, fish }

    static func script(for shell: Shell, of program: Program) -> String {
        switch shell {
        case .bash: bash(program)
        case .zsh: "autoload -U +X bashcompinit && bashcompinit\n" + bash(program)
        case .fish: fish(program)
        }
    }

    // MARK: - bash, and zsh through its own emulation

    private static func bash(_ program: Program) -> String {
        let all = program.verbs.flatMap(\.options) + program.options
        let function = "_\(program.name)"
        return """
            # Completion of \(program.name); made by `\(program.name) completion`.
            \(function)() {
                local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} verb='' words='' i
                COMPREPLY=()
                for ((i = 1; i < COMP_CWORD; i++)); do
                    case ${COMP_WORDS[i]} in
                    \(pattern(all.filter { $0.placeholder != nil }.map(\.name)))) ((i++)) ;;
                    -*) ;;
                    *) verb="${verb:+$verb }${COMP_WORDS[i]}" ;;
                    esac
                done
                case $previous in
            \(valueCases(all))
                esac
                case $verb in
            \(verbCases(program))
                esac
                COMPREPLY=($(compgen -W "$words" -- "$current"))
            }
            complete -F \(function) \(program.name)

            """
    }

    private static func pattern(_ names: [String]) -> String {
        var seen: [String] = []
        for name in names where !seen.contains(name) { seen.append(name) }
        return seen.joined(separator: " | ")
    }

    /// What comes behind an option with a value.
    private static func valueCases(_ options: [Verb.Option]) -> String {
        var seen: Set<String> = []
        return options.compactMap { option in
            guard option.placeholder != nil, seen.insert(option.name).inserted else { return nil }
            let reply =
                option.takesFile
                ? "COMPREPLY=($(compgen -f -- \"$current\"))"
                : "COMPREPLY=($(compgen -W \"\(option.choices.joined(separator: " "))\" -- \"$current\"))"
            return "    \(option.name)) \(reply); return ;;"
        }.joined(separator: "\n")
    }

    private static func verbCases(_ program: Program) -> String {
        var cases = ["    '') words=\"\(program.families.joined(separator: " ")) --help --version\" ;;"]
        for family in program.families {
            let seconds = program.verbs.filter { $0.words.first == family }.compactMap { $0.words.dropFirst().first }
            if !seconds.isEmpty { cases.append("    \(family)) words=\"\(seconds.joined(separator: " ")) --help\" ;;") }
        }
        cases.append("    completion) words=\"\(Shell.allCases.map(\.rawValue).joined(separator: " "))\" ;;")
        for verb in program.verbs {
            let options = (verb.options + program.options).map(\.name) + ["--help"]
            let operands = verb.operands.flatMap(\.choices)
            let words = (operands + options).joined(separator: " ")
            let files = verb.operands.contains(where: \.takesFile)
            let reply =
                files
                ? "COMPREPLY=($(compgen -f -- \"$current\") $(compgen -W \"\(words)\" -- \"$current\")); return ;;"
                : "words=\"\(words)\" ;;"
            cases.append("    '\(verb.name)' | '\(verb.name) '*) \(reply)")
        }
        return cases.joined(separator: "\n")
    }

    // MARK: - fish

    private static func fish(_ program: Program) -> String {
        var lines = [
            "# Completion of \(program.name); made by `\(program.name) completion`.",
            "complete -c \(program.name) -f",
        ]
        let start = "__fish_use_subcommand"
        for family in program.families {
            let verbs = program.verbs.filter { $0.words.first == family }
            let text = verbs.count == 1 ? verbs[0].summary : ""
            lines.append(line(program, start, "-a \(family)", text))
            for verb in verbs where verb.words.count == 2 {
                let seconds = verbs.map { $0.words[1] }.joined(separator: " ")
                let condition = "__fish_seen_subcommand_from \(family); and not __fish_seen_subcommand_from \(seconds)"
                lines.append(line(program, condition, "-a \(verb.words[1])", verb.summary))
            }
        }
        let shells = Shell.allCases.map(\.rawValue).joined(separator: " ")
        lines.append(line(program, "__fish_seen_subcommand_from completion", "-a '\(shells)'", ""))
        for verb in program.verbs { lines += verbLines(verb, program) }
        for option in program.options { lines.append(line(program, "not \(start)", argument(option), option.help)) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func verbLines(_ verb: Verb, _ program: Program) -> [String] {
        let condition = verb.words.map { "__fish_seen_subcommand_from \($0)" }.joined(separator: "; and ")
        var lines = verb.options.map { line(program, condition, argument($0), $0.help) }
        for operand in verb.operands {
            if operand.takesFile { lines.append(line(program, condition, "-F", "")) }
            if !operand.choices.isEmpty {
                lines.append(line(program, condition, "-a '\(operand.choices.joined(separator: " "))'", ""))
            }
        }
        return lines
    }

    private static func argument(_ option: Verb.Option) -> String {
        var text = "-l \(option.name.dropFirst(2))"
        if option.placeholder != nil { text += option.takesFile ? " -r -F" : " -x" }
        if !option.choices.isEmpty { text += " -a '\(option.choices.joined(separator: " "))'" }
        return text
    }

    private static func line(_ program: Program, _ condition: String, _ rest: String, _ text: String) -> String {
        let first = text.split(separator: "\n").first ?? ""
        let description = first.isEmpty ? "" : " -d '\(first.replacing("'", with: #"\'"#))'"
        return "complete -c \(program.name) -n '\(condition)' \(rest)\(description)"
    }
}
