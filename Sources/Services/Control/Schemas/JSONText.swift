internal import JSONBytes

/// A JSON value that is built in code, or taken from a text, and written for people. Pure.
indirect enum JSONText: Sendable, Equatable, ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    case text(String)
    /// A number, or true, false and null.
    case literal(String)
    case list([JSONText])
    case object([Member])

    struct Member: Sendable, Equatable {
        var name: String
        var value: JSONText
    }

    init(stringLiteral value: String) { self = .text(value) }
    init(booleanLiteral value: Bool) { self = .literal("\(value)") }
    init(arrayLiteral elements: JSONText...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, JSONText)...) {
        self = .object(elements.map { Member(name: $0.0, value: $0.1) })
    }

    /// - Parameter json: JSON; anything else is null.
    init(parsing json: [UInt8]) {
        self = json.withUnsafeBytes { bytes in
            (try? JSONDocument.read(bytes) { JSONText($0) }) ?? .literal("null")
        }
    }

    private init(_ value: JSONValue) {
        switch value.kind {
        case .string, .key: self = .text(value.string)
        case .object:
            var members: [Member] = []
            value.forEachMember { members.append(Member(name: $0.string, value: JSONText($1))) }
            self = .object(members)
        case .array:
            var elements: [JSONText] = []
            value.forEachElement { elements.append(JSONText($0)) }
            self = .list(elements)
        default: self = .literal(value.string)
        }
    }

    /// The member of an object; setting it to nil removes it.
    subscript(name: String) -> JSONText? {
        get {
            guard case .object(let members) = self else { return nil }
            return members.first { $0.name == name }?.value
        }
        set {
            guard case .object(var members) = self else { return }
            let index = members.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
            self = .object(members)
        }
    }

    /// Indented by two blanks, with a line feed at the end.
    var pretty: String {
        var text = ""
        write(to: &text, indent: "")
        return text + "\n"
    }

    private func write(to text: inout String, indent: String) {
        let inner = indent + "  "
        switch self {
        case .text(let value): text += Self.quoted(value)
        case .literal(let value): text += value
        case .list(let elements) where elements.isEmpty: text += "[]"
        case .object(let members) where members.isEmpty: text += "{}"
        case .list(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                text += index == 0 ? "\n\(inner)" : ",\n\(inner)"
                element.write(to: &text, indent: inner)
            }
            text += "\n\(indent)]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                text += (index == 0 ? "\n\(inner)" : ",\n\(inner)") + Self.quoted(member.name) + ": "
                member.value.write(to: &text, indent: inner)
            }
            text += "\n\(indent)}"
        }
    }

    private static func quoted(_ value: String) -> String {
        var writer = JSONWriter()
        writer.string(value)
        return String(decoding: writer.finish(), as: UTF8.self)
    }
}
