/// The `detail` object of a status record: a few facts about an attempt, such as SMS segments, the SMTP reply code, or
/// that the endpoint which took it asked for no more (`endpoint_closed`).
///
/// Never a recipient's address, content or a secret.
package struct StatusDetail: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    package enum Value: Sendable, Equatable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
        case integer(Int)
        case text(String)

        package init(integerLiteral value: Int) { self = .integer(value) }
        package init(stringLiteral value: String) { self = .text(value) }
    }

    package struct Member: Sendable, Equatable {
        package let name: String
        package let value: Value
    }

    /// In the order in which they are written.
    package private(set) var members: [Member]

    package init(dictionaryLiteral elements: (String, Value)...) {
        members = elements.map { Member(name: $0.0, value: $0.1) }
    }

    /// Adds a fact, or replaces the one of that name; nil changes nothing.
    package mutating func set(_ name: String, _ value: Value?) {
        guard let value else { return }
        members.removeAll { $0.name == name }
        members.append(Member(name: name, value: value))
    }

    package subscript(_ name: String) -> Value? { members.first { $0.name == name }?.value }
}
