import CommandLineKit
import Lifecycle
import Testing

struct ProgramTests {
    private static let program = Program(
        name: "tool", summary: "does things.",
        verbs: [
            Verb(
                "file copy", "copies a file.", details: "Slowly.",
                operands: [
                    .init("FROM", takesFile: true), .init("TO", choices: ["here", "there"], isRequired: false),
                ],
                options: [
                    .flag("--force", "Even so."), .value("--tag", "TAG", repeats: true, "A tag."),
                    .value("--size", "N", "How much."), .value("--into", "FILE", "Where."),
                ]
            ) { invocation, printer throws(CommandFault) in
                let size = try invocation.integer("--size", default: 7, in: 1...10)
                printer.card([
                    ("operands", .text(invocation.operands.joined(separator: "|"))),
                    ("tags", .text(invocation.all("--tag").joined(separator: "|"))), ("size", .integer(size)),
                    ("force", .flag(invocation.has("--force"))), ("none", .none),
                ])
                return .ok
            },
            Verb("list", "lists rows.") { _, printer in
                for number in 1...3 { printer.row([("number", .integer(number)), ("text", .text("a\u{1B}[31m\n"))]) }
                return .ok
            },
        ], options: [.value("--brokers", "ADDRESS", "Where.")])

    struct Result: Equatable {
        var code: ExitCode
        var output: String
        var errors: String
    }

    private static func run(_ arguments: String..., columns: Int? = nil) -> Result {
        var (output, errors) = ("", "")
        let code = program.run(
            arguments: arguments, environment: [:],
            output: CommandOutput(
                write: {
                    output += $0
                    return .written
                }, writeError: { errors += $0 }, columns: columns))
        return Result(code: code, output: output, errors: errors)
    }

    @Test func helpWordForWord() {
        let help = """
            tool: does things.

            Usage: tool VERB [arguments] [options]

            Verbs:
              file copy         copies a file.
              list              lists rows.
              completion SHELL  prints the completion script of bash, zsh or fish.

            Options of every verb:
              --output FORMAT    table (for people) or json (one object a line).
              --brokers ADDRESS  Where.
              --help             Print this help and exit.

            tool VERB --help says more about each, tool --version which one this is.

            """
        #expect(Self.run("--help") == Result(code: .ok, output: help, errors: ""))
        let verb = """
            tool file copy: copies a file.

            Usage: tool file copy FROM [TO] [options]

            Slowly.

            Options:
              --force            Even so.
              --tag TAG          A tag.
              --size N           How much.
              --into FILE        Where.
              --output FORMAT    table (for people) or json (one object a line).
              --brokers ADDRESS  Where.
              --help             Print this help and exit.

            """
        #expect(Self.run("file", "copy", "--help").output == verb)
    }

    @Test func readsEveryFormOfAnOption() {
        let result = Self.run(
            "file", "copy", "a", "--tag=x", "--tag", "y=z", "--force", "--size", "3", "--output", "json", "--", "--b")
        #expect(
            result
                == Result(
                    code: .ok,
                    output: #"{"operands":"a|--b","tags":"x|y=z","size":3,"force":true}"# + "\n", errors: ""))
    }

    static let faults: [([String], String)] = [
        ([], "say what to do: file, list, completion (see tool --help)"),
        (["lisst"], "unknown verb \"lisst\", did you mean list? (see tool --help)"),
        (["file"], "file needs one of copy (see tool file --help)"),
        (["file", "copi"], "unknown verb \"file copi\", did you mean copy? (see tool file --help)"),
        (["--force"], "the verb comes first, not --force (see tool --help)"),
        (["file", "copy"], "file copy needs FROM (see tool file copy --help)"),
        (["file", "copy", "a", "b", "c"], "unexpected argument \"c\" (see tool file copy --help)"),
        (["list", "--forse"], "unknown option --forse (see tool list --help)"),
        (
            ["file", "copy", "a", "--forse"],
            "unknown option --forse, did you mean --force? (see tool file copy --help)"
        ),
        (["file", "copy", "a", "--force=1"], "--force takes no value"),
        (["file", "copy", "a", "--size"], "--size needs a value: N"),
        (["file", "copy", "a", "--size="], "--size needs a value: N"),
        (["file", "copy", "a", "--size", "11"], "--size must be a whole number from 1 to 10, not \"11\""),
        (["file", "copy", "a", "--size=1", "--size=2"], "--size was given twice"),
        (["list", "--output", "xml"], "--output must be one of table, json, not \"xml\""),
        (["completion"], "completion needs one of bash, zsh, fish (see tool completion --help)"),
    ]

    @Test(arguments: faults)
    func wrongUsageIsOneSentence(arguments: [String], sentence: String) {
        var errors = ""
        let code = Self.program.run(
            arguments: arguments, environment: [:],
            output: CommandOutput(write: { _ in .written }, writeError: { errors += $0 }))
        #expect(code == .usage && errors == "tool: \(sentence)\n")
    }

    @Test(arguments: [
        ["list"], ["list", "--output", "json"], ["--help"], ["list", "--help"], ["completion", "bash"],
    ])
    func onlyAReaderThatLeftIsAQuietEnd(arguments: [String]) {
        func run(_ outcome: Console.Outcome) -> (ExitCode, String) {
            var errors = ""
            let code = Self.program.run(
                arguments: arguments, environment: [:],
                output: CommandOutput(write: { _ in outcome }, writeError: { errors += $0 }))
            return (code, errors)
        }
        #expect(run(.closed) == (.ok, ""))
        #expect(run(.failed("No space left")) == (.fatal, "tool: standard output cannot be written: No space left\n"))
    }

    @Test func tablesNeitherObeyNorBreak() {
        #expect(Self.run("list").output.hasPrefix("NUMBER  TEXT\n1       a\u{FFFD}[31m"))
        #expect(!Self.run("list").output.contains("\u{1B}"))
        #expect(Self.run("list").output.split(separator: "\n").count == 4)
    }

    @Test(arguments: [10, 12, 15, 20])
    func tablesFitTheirTerminal(columns: Int) {
        let lines = Self.run("list", columns: columns).output.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= columns } && lines.count >= 4)
    }

    @Test func completionKnowsEverything() {
        for shell in ["bash", "zsh", "fish"] {
            let script = Self.run("completion", shell).output
            for word in ["copy", "list", "force", "tag", "brokers", "there", "table json"] {
                #expect(script.contains(word), "\(shell): \(word)")
            }
        }
    }
}
