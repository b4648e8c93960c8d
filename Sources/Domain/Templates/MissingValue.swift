/// Why a strict rendering stopped: a value that the template needs and the event does not give.
package struct MissingValue: Error, Equatable, Sendable {
    /// What is wrong with the value.
    package enum Reason: String, Sendable {
        /// Nothing of that name.
        case missing
        /// JSON null.
        case null
        /// An object or array where text is needed.
        case notText
        /// Sections and partials nested too deeply: a partial that includes itself without end.
        case tooDeep
        /// Too many list items times other items, recipients, or members that their names are looked for in.
        case tooMuch
    }

    package let reason: Reason
    /// The name as the template writes it, such as `order.id`.
    package let path: String
    /// The template or partial that names it.
    package let file: String
    package let line: Int

    init(_ reason: Reason, path: String, file: String, line: Int) {
        self.reason = reason
        self.path = path
        self.file = file
        self.line = line
    }

    /// One sentence for a log line or a dead letter; holds nothing of the event's values.
    package var message: String {
        let what =
            switch reason {
            case .missing: "\(path) is missing"
            case .null: "\(path) is null"
            case .notText: "\(path) is an object or an array, not a text"
            case .tooMuch: "\(path) is looked for or repeated too often in so large an event"
            case .tooDeep: "\(path) nests sections and partials more than \(Renderer.maximumDepth) deep"
            }
        return "\(what) (\(file):\(line))"
    }
}
