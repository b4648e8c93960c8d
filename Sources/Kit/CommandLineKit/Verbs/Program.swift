import Glibc
package import Lifecycle
internal import Settings

/// A program of several verbs. The list of verbs is all there is to write: parsing, help, suggestions and shell
/// completion are made from it.
package struct Program: Sendable {
    package let name: String
    /// One line, from a verb to a full stop.
    package let summary: String
    package let verbs: [Verb]
    /// Options that every verb takes.
    package let options: [Verb.Option]
    /// What help says at its end.
    package let notes: String

    package init(name: String, summary: String, verbs: [Verb], options: [Verb.Option] = [], notes: String = "") {
        self.name = name
        self.summary = summary
        self.options =
            [.value("--output", "FORMAT", choices: Printer.Format.allCases.map(\.rawValue), Self.outputHelp)] + options
        self.notes = notes
        self.verbs = verbs
    }

    private static let outputHelp = "table (for people) or json (one object a line)."

    /// Runs what the process's command line says, and leaves the process.
    package func main() -> Never {
        // A reader that leaves is no reason to die in the middle of something: the printer notices it.
        signal(SIGPIPE, SIG_IGN)
        let code = run(
            arguments: Array(CommandLine.arguments.dropFirst()), environment: Environment.current, output: .standard)
        code.leave()
    }

    /// The same without the process around it.
    package func run(arguments: [String], environment: [String: String], output: CommandOutput) -> ExitCode {
        do throws(CommandFault) {
            return try dispatch(arguments, environment, output)
        } catch {
            if !error.message.isEmpty { output.writeError("\(name): \(error.message)\n") }
            return error.code
        }
    }

    private func dispatch(
        _ arguments: [String], _ environment: [String: String], _ output: CommandOutput
    ) throws(CommandFault) -> ExitCode {
        let words = arguments.prefix { !$0.hasPrefix("-") }
        let wantsHelp = arguments.prefix { $0 != "--" }.contains { $0 == "--help" || $0 == "-h" }
        if words.isEmpty {
            return try withoutVerb(arguments, wantsHelp: wantsHelp, output)
        }
        if words.first == Self.completion { return try complete(Array(arguments.dropFirst()), output) }
        guard let verb = verb(of: words) else {
            let family = verbs.filter { $0.words.first == words.first }
            guard wantsHelp, words.count == 1, !family.isEmpty else { throw unknownVerb(words) }
            try Self.write(ProgramHelp.family(family, of: self), output)
            return .ok
        }
        if wantsHelp {
            try Self.write(ProgramHelp.text(of: verb, in: self), output)
            return .ok
        }
        let rest = arguments.dropFirst(verb.words.count)
        let invocation = try parse(rest, verb, environment)
        let format = invocation.text("--output").flatMap(Printer.Format.init(rawValue:)) ?? .table
        let printer = Printer(format, output)
        // Also when it throws: what it has found until then counts.
        defer { printer.flush() }
        let code = try verb.run(invocation, printer)
        printer.flush()
        if let reason = printer.failure { throw .output(reason) }
        return code
    }

    private static func write(_ text: String, _ output: CommandOutput) throws(CommandFault) {
        if case .failed(let reason) = output.write(text) { throw .output(reason) }
    }

    private func withoutVerb(
        _ arguments: [String], wantsHelp: Bool, _ output: CommandOutput
    ) throws(CommandFault) -> ExitCode {
        if wantsHelp {
            try Self.write(ProgramHelp.text(of: self), output)
            return .ok
        }
        guard let first = arguments.first else {
            throw .usage("say what to do: \(families.joined(separator: ", ")) (see \(name) --help)")
        }
        guard first == "--version" else {
            throw .usage("the verb comes first, not \(first) (see \(name) --help)")
        }
        try Self.write("\(name) \(ServiceVersion.current)\n", output)
        return .ok
    }

    // MARK: - Verbs

    static let completion = "completion"

    /// The first words of all verbs, each once.
    var families: [String] {
        var found: [String] = []
        for word in verbs.compactMap(\.words.first) + [Self.completion] where !found.contains(word) {
            found.append(word)
        }
        return found
    }

    private func verb(of words: ArraySlice<String>) -> Verb? {
        verbs.first { words.starts(with: $0.words) }
    }

    private func unknownVerb(_ words: ArraySlice<String>) -> CommandFault {
        let first = words.first ?? ""
        let seconds = verbs.filter { $0.words.first == first }.compactMap { $0.words.dropFirst().first }
        if !seconds.isEmpty {
            guard let second = words.dropFirst().first else {
                return .usage("\(first) needs one of \(seconds.joined(separator: ", ")) (see \(name) \(first) --help)")
            }
            let guess = Suggestion.nearest(to: second, among: seconds).map { ", did you mean \($0)?" } ?? ""
            return .usage("unknown verb \"\(first) \(second)\"\(guess) (see \(name) \(first) --help)")
        }
        let guess = Suggestion.nearest(to: first, among: families).map { ", did you mean \($0)?" } ?? ""
        return .usage("unknown verb \"\(first)\"\(guess) (see \(name) --help)")
    }

    private func complete(_ arguments: [String], _ output: CommandOutput) throws(CommandFault) -> ExitCode {
        if arguments.contains("--help") || arguments.contains("-h") {
            try Self.write(ProgramHelp.completion(of: self), output)
            return .ok
        }
        guard arguments.count == 1, let shell = ProgramCompletion.Shell(rawValue: arguments[0]) else {
            throw .usage("completion needs one of bash, zsh, fish (see \(name) completion --help)")
        }
        try Self.write(ProgramCompletion.script(for: shell, of: self), output)
        return .ok
    }

    // MARK: - Arguments

    private func parse(
        _ arguments: ArraySlice<String>, _ verb: Verb, _ environment: [String: String]
    ) throws(CommandFault) -> Invocation {
        var invocation = Invocation(program: name, environment: environment)
        let known = verb.options + options
        var rest = arguments
        var onlyOperands = false
        while let argument = rest.popFirst() {
            if argument == "--", !onlyOperands {
                onlyOperands = true
            } else if onlyOperands || !argument.hasPrefix("-") || argument == "-" {
                invocation.operands.append(argument)
            } else {
                try read(argument, &rest, known, verb, &invocation)
            }
        }
        try checkOperands(invocation.operands, verb)
        return invocation
    }

    private func read(
        _ argument: String, _ rest: inout ArraySlice<String>, _ known: [Verb.Option], _ verb: Verb,
        _ invocation: inout Invocation
    ) throws(CommandFault) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let option = known.first(where: { $0.name == parts[0] }) else {
            let guess = Suggestion.nearest(to: parts[0], among: known.map(\.name)).map { ", did you mean \($0)?" } ?? ""
            throw .usage("unknown option \(parts[0])\(guess) (see \(name) \(verb.name) --help)")
        }
        guard let placeholder = option.placeholder else {
            guard parts.count == 1 else { throw .usage("\(option.name) takes no value") }
            invocation.flags.insert(option.name)
            return
        }
        guard let value = parts.count == 2 ? parts[1] : rest.popFirst(), !value.isEmpty else {
            throw .usage("\(option.name) needs a value: \(placeholder)")
        }
        if !option.choices.isEmpty, !option.choices.contains(value) {
            throw .usage("\(option.name) must be one of \(option.choices.joined(separator: ", ")), not \"\(value)\"")
        }
        if !option.repeats, invocation.text(option.name) != nil { throw .usage("\(option.name) was given twice") }
        invocation.values.append((option.name, value))
    }

    private func checkOperands(_ operands: [String], _ verb: Verb) throws(CommandFault) {
        let needed = verb.operands.prefix { $0.isRequired }
        if operands.count < needed.count {
            throw .usage("\(verb.name) needs \(needed[operands.count].name) (see \(name) \(verb.name) --help)")
        }
        if operands.count > verb.operands.count, verb.operands.last?.repeats != true {
            throw .usage("unexpected argument \"\(operands[verb.operands.count])\" (see \(name) \(verb.name) --help)")
        }
    }
}
