/// What a command line asks of a verb: checked against what the verb takes.
package struct Invocation: Sendable {
    package let program: String
    package let environment: [String: String]
    package internal(set) var operands: [String] = []
    var values: [(name: String, text: String)] = []
    var flags: Set<String> = []

    package init(program: String, environment: [String: String]) {
        self.program = program
        self.environment = environment
    }

    /// Whether a switch was given.
    package func has(_ flag: String) -> Bool { flags.contains(flag) }

    /// The value of an option; nil where it was not given.
    package func text(_ option: String) -> String? { values.last { $0.name == option }?.text }

    /// Every value of an option that may be repeated.
    package func all(_ option: String) -> [String] { values.filter { $0.name == option }.map(\.text) }

    /// An option's whole number; `fallback` where it was not given.
    package func integer(
        _ option: String, default fallback: Int, in range: ClosedRange<Int>
    ) throws(CommandFault) -> Int {
        guard let text = text(option) else { return fallback }
        guard let number = Int(text), range.contains(number) else {
            throw .usage(
                "\(option) must be a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
        }
        return number
    }

    /// An option's value as something else; nil where it was not given.
    package func parse<Value>(
        _ option: String, expecting words: String, _ parse: (String) -> Value?
    ) throws(CommandFault) -> Value? {
        guard let text = text(option) else { return nil }
        guard let value = parse(text) else { throw .usage("\(option) must be \(words), not \"\(text)\"") }
        return value
    }
}
