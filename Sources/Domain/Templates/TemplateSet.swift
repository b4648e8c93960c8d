/// Every template of a directory, compiled.
///
/// Files are `<name>/<channel>[.<locale>].<part>.mustache`; partials are `partials/<name>[.<locale>][.<part>].mustache`.
/// Every part is compiled for the inside of a JSON string, but for Slack's blocks, which are JSON themselves.
///
/// Immutable, so usable from any thread.
package struct TemplateSet: Sendable {
    private let templates: [String: [TemplateChannel: LocalizedTemplates]]

    /// Reads and compiles `directory`.
    ///
    /// - Throws: every fault of every file: unreadable, wrongly named, incomplete, or not Mustache.
    package static func load(directory: String) throws(TemplateError) -> TemplateSet {
        TemplateSet(templates: try TemplateLoader.load(directory))
    }

    /// The names of all templates, sorted; for suggestions.
    package var names: [String] { templates.keys.sorted() }

    /// The templates of a name and channel in every language; nil where there are none.
    package func templates(name: String, channel: TemplateChannel) -> LocalizedTemplates? {
        templates[name]?[channel]
    }
}
