package import Lifecycle

/// One thing that a program can be told to do. Help, completion and the check of the command line all come from it.
package struct Verb: Sendable {
    /// `--name`, with a value where there is a placeholder.
    package struct Option: Sendable {
        package var name: String
        /// How help calls the value, such as `FILE`; nil for a switch.
        package var placeholder: String?
        /// The values there are, where they can be listed.
        package var choices: [String] = []
        /// Whether it may be given several times.
        package var repeats = false
        package var help: String

        /// Something that is on or off.
        package static func flag(_ name: String, _ help: String) -> Option { Option(name: name, help: help) }

        /// Something that has a value.
        package static func value(
            _ name: String, _ placeholder: String, choices: [String] = [], repeats: Bool = false, _ help: String
        ) -> Option {
            Option(name: name, placeholder: placeholder, choices: choices, repeats: repeats, help: help)
        }

        /// Whether the shell offers files for its value.
        var takesFile: Bool { ["FILE", "DIR"].contains(placeholder) }
    }

    /// A word behind the verb.
    package struct Operand: Sendable {
        package var name: String
        package var choices: [String]
        package var isRequired: Bool
        package var repeats: Bool
        package var takesFile: Bool

        package init(
            _ name: String, choices: [String] = [], isRequired: Bool = true, repeats: Bool = false,
            takesFile: Bool = false
        ) {
            self.name = name
            self.choices = choices
            self.isRequired = isRequired
            self.repeats = repeats
            self.takesFile = takesFile
        }

        var usage: String {
            let name = repeats ? "\(name)…" : name
            return isRequired ? name : "[\(name)]"
        }
    }

    /// One or two words, such as `dlq redrive`.
    package let name: String
    /// What it does: one line, from a verb to a full stop.
    package let summary: String
    /// What else there is to know, in lines of at most 80 columns; may be empty.
    package let details: String
    package let operands: [Operand]
    package let options: [Option]
    package let run: @Sendable (Invocation, Printer) throws(CommandFault) -> ExitCode

    package init(
        _ name: String, _ summary: String, details: String = "", operands: [Operand] = [], options: [Option] = [],
        run: @escaping @Sendable (Invocation, Printer) throws(CommandFault) -> ExitCode
    ) {
        self.name = name
        self.summary = summary
        self.details = details
        self.operands = operands
        self.options = options
        self.run = run
    }

    var words: [String] { name.split(separator: " ").map(String.init) }
}
