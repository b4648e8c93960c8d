import Settings

/// The partials that a template may include, by file name without `.mustache`.
package struct PartialSet: Sendable {
    private let sources: [String: TemplateSource]
    private var locale: String?
    private var part: String?

    package init(_ sources: [String: TemplateSource] = [:]) {
        self.sources = sources
    }

    /// The same partials, seen from one part of a template in one language.
    func seen(from part: String?, locale: String?) -> PartialSet {
        var copy = self
        copy.part = part
        copy.locale = locale
        return copy
    }

    /// The best file for a name: the template's language first, then a shorter tag, then none; in each of them the
    /// one for the template's part before the one for every part.
    func source(named name: String) -> TemplateSource? {
        var tag = locale
        while let current = tag {
            if let found = source("\(name).\(current)") { return found }
            tag = current.lastIndex(of: "-").map { String(current[..<$0]) }
        }
        return source(name)
    }

    private func source(_ stem: String) -> TemplateSource? {
        part.flatMap { sources["\(stem).\($0)"] } ?? sources[stem]
    }

    /// The known name that looks most like `name`.
    func suggestion(for name: String) -> String? {
        Suggestion.nearest(to: name, among: Set(sources.keys.map { String($0.prefix { $0 != "." }) }).sorted())
    }
}
