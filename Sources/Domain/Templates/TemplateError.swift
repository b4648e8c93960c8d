/// Every fault of one template or of a directory of templates.
package struct TemplateError: Error, Equatable, Sendable {
    /// At least one; sorted by file and line.
    package let faults: [TemplateFault]

    init(_ faults: [TemplateFault]) {
        self.faults = Set(faults).sorted()
    }
}

/// One fault of a template file.
package struct TemplateFault: Hashable, Sendable, Comparable {
    package let file: String
    /// Counted from 1; nil where the fault is the file itself.
    package let line: Int?
    /// One sentence without a full stop.
    package let message: String
    /// The nearest name that would have been right.
    package let suggestion: String?

    init(file: String, line: Int? = nil, _ message: String, suggestion: String? = nil) {
        self.file = file
        self.line = line
        self.message = message
        self.suggestion = suggestion
    }

    /// File, line, sentence and suggestion as one line of text.
    package var text: String {
        file + (line.map { ":\($0)" } ?? "") + ": " + message + (suggestion.map { "; did you mean \($0)?" } ?? "")
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.file, left.line ?? 0, left.message) < (right.file, right.line ?? 0, right.message)
    }
}
