/// A Mustache template, compiled once to a flat list of instructions.
///
/// All of the Mustache specification but its optional modules (lambdas, inheritance, dynamic names), and two things
/// more: an array's element by its position (`items.0.sku`), and a leading dot (`{{.name}}`) for a name that is
/// looked up in the current item only, never further out.
///
/// A section is skipped for a missing value, null, false, an empty array, an empty string and the number 0: the
/// specification's `!!data`, read as the language of JSON reads it.
///
/// Immutable, so usable from any thread.
package struct Template: Sendable {
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

    let program: Program

    /// Compiles `source` and every partial it needs.
    ///
    /// - Parameter partials: finds a partial by name. A partial may include itself, as long as a section is around it.
    /// - Throws: every fault of the template and of its partials.
    package static func compile(
        _ source: TemplateSource, escaping: Escaping, partials: (String) -> TemplateSource? = { _ in nil }
    ) throws(TemplateError) -> Template {
        Template(program: try Compiler.compile(source, escaping: escaping, partials: partials))
    }

    /// Appends the rendered text to `output`, and allocates nothing but what `output` needs to grow.
    ///
    /// - Parameter strict: whether a value that is missing, null, an object or an array is an error where it is to be
    ///   interpolated, or renders as nothing, as the Mustache specification has it. Sections never fail.
    /// - Throws: the first value that is missing; `output` then ends in the middle of the text.
    package func render(
        _ scope: borrowing TemplateScope, into output: inout [UInt8], strict: Bool = true
    ) throws(MissingValue) {
        try Renderer.render(program, scope, strict: strict, into: &output)
    }

    /// Whether the template's own words hold a line feed.
    var hasLineFeed: Bool { program.hasLineFeed }
}
