internal import Events
internal import JSONBytes

/// Where a route finds a value: in the event's data, in its attributes (`event.…`) or in the user's contact
/// (`contact.…`).
enum ValuePath: Sendable, Equatable {
    case data(JSONPath)
    case attribute(EventAttribute)
    case contact(JSONPath)

    /// Why a text is no path.
    struct Fault: Error {
        let message: String
        /// The name that was wrong, for a suggestion among the contact's fields.
        var contactField: String?
    }

    init(_ text: String) throws(Fault) {
        let steps = text.split(separator: ".", omittingEmptySubsequences: false)
        guard !steps.contains(where: { $0.isEmpty || $0.contains(where: \.isWhitespace) }) else {
            throw Fault(message: "\"\(text)\" is no path: write names with points between them, such as order.id")
        }
        if let attribute = EventAttribute(path: text) {
            self = .attribute(attribute)
        } else if steps.first == "contact" {
            let field = steps.dropFirst().joined(separator: ".")
            guard ContactTable.fields.contains(field) else {
                throw Fault(
                    message: "a contact has only \(ContactTable.fields.joined(separator: ", "))", contactField: field)
            }
            self = .contact(JSONPath(field))
        } else {
            self = .data(JSONPath(text))
        }
    }

    /// The path as it was written.
    var text: String {
        switch self {
        case .data(let path): path.text
        case .attribute(let attribute): "event.\(attribute.rawValue)"
        case .contact(let path): "contact.\(path.text)"
        }
    }
}
