package import JSONBytes

/// A Mustache template, compiled once to a flat list of instructions.
///
/// All of the Mustache specification but its optional modules (lambdas, inheritance, dynamic names), and two things
/// more: an array's element by its position (`items.0.sku`), and a leading dot (`{{.name}}`) for a name that is
/// looked up in the current item only, never further out.
///
/// A section is skipped for a missing value, null, false, an empty array, an empty string and the number 0: the
/// specification's `!!data`, read as the language of JSON reads it.
///
/// Immutable, so usable from any thread. A class, so that handing it around on the hot path counts one reference.
package final class Template: Sendable {
    /// How an interpolated value is made fit for its surroundings.
    package enum Escaping: Sendable {
        /// Not at all: plain text.
        case none
        /// `& < > " '` as HTML entities; `{{{x}}}` is raw.
        case html
        /// `& < >` as Slack's entities; `{{{x}}}` is raw.
        case slack
        /// Slack's entities inside of a JSON string. `{{{x}}}` leaves Slack's entities out, never JSON's escapes.
        case slackJSON
    }

    /// What becomes of a value or partial that is not there.
    package enum Mode: Sendable {
        /// A missing partial is a fault. A value that is missing, null, an object or an array is an error where it is
        /// to be interpolated; sections never fail.
        case strict
        /// They render as nothing, as the Mustache specification has it.
        case lenient
    }

    /// Where the rendered text is to stand.
    package enum Target: Sendable {
        /// On its own.
        case text
        /// Inside of a JSON string: escaped for JSON, after everything else.
        case jsonString
    }

    let program: Program
    let tables: ProgramTables
    let target: Target

    private init(_ program: Program, _ target: Target) {
        self.program = program
        self.target = target
        tables = ProgramTables(program, target)
    }

    /// Compiles `source` and every partial it needs. A partial may include itself with a section around it.
    ///
    /// - Throws: every fault of the template and of its partials.
    package static func compile(
        _ source: TemplateSource, escaping: Escaping, partials: PartialSet = PartialSet(), mode: Mode = .strict,
        for target: Target = .text
    ) throws(TemplateError) -> Template {
        Template(try Compiler.compile(source, escaping: escaping, partials: partials, mode: mode), target)
    }

    /// Appends the rendered text to `output`, and allocates nothing but what `output` needs to grow.
    ///
    /// - Throws: the first value that is missing; `output` then ends in the middle of the text.
    package func render(_ scope: borrowing TemplateScope, into output: inout ByteBuffer) throws(MissingValue) {
        var visits = 0
        try render(scope, visits: &visits, into: &output)
    }

    /// The same as one of several renderings, which share a limit.
    ///
    /// - Parameter visits: how many items and members they have looked at so far, with this one.
    package func render(
        _ scope: borrowing TemplateScope, visits: inout Int, into output: inout ByteBuffer
    ) throws(MissingValue) {
        try Renderer.render(self, scope, mode: program.mode, visits: &visits, into: &output)
    }
}

// MARK: - Checks at load

extension Template {
    /// Whether the template's own words hold a line feed.
    var hasLineFeed: Bool {
        program.instructions.contains { instruction in
            guard case .text(let span) = instruction else { return false }
            return program.bytes[Int(span.start)..<Int(span.end)].contains(UInt8(ascii: "\n"))
        }
    }

    /// Whether an event without any data gives a JSON array.
    var rendersArray: Bool {
        let nothing = Array("{}".utf8)
        return nothing.withUnsafeBytes { nothing in
            let none = UnsafeRawBufferPointer(start: nil, count: 0)
            let document = JSONDocument()
            var output = ByteBuffer()
            guard let data = try? document.parse(nothing) else { return false }
            let scope = TemplateScope(
                data: data, attributes: EventAttributes(id: none, type: none, source: none, time: none))
            var visits = 0
            let rendering: ()? = try? Renderer.render(self, scope, mode: .lenient, visits: &visits, into: &output)
            guard rendering != nil else { return false }
            return (try? document.parse(output.bytes))?.kind == .array
        }
    }
}
