/// The headers of a record in order, names and values as bytes, so that they can be forwarded unchanged.
package struct RecordHeaders: Sendable, Equatable {
    /// One header. Kafka allows a null value and several headers of one name.
    package struct Header: Sendable, Equatable {
        package var name: [UInt8]
        package var value: [UInt8]?
    }

    package private(set) var list: [Header] = []

    package init() {}

    package init(copying record: borrowing BorrowedRecord) {
        var copies: [Header] = []
        record.forEachHeader { header in
            copies.append(Header(name: [UInt8](header.name), value: header.value.map { [UInt8]($0) }))
        }
        list = copies
    }

    package var count: Int { list.count }

    package mutating func append(_ name: String, _ value: [UInt8]?) {
        list.append(Header(name: [UInt8](name.utf8), value: value))
    }

    package mutating func append(_ name: String, _ value: String) { append(name, [UInt8](value.utf8)) }

    /// Gives `name` this value and no other: the first header of the name is replaced, its doubles are removed.
    package mutating func set(_ name: String, _ value: [UInt8]?) {
        guard let first = list.firstIndex(where: { $0.name.elementsEqual(name.utf8) }) else {
            append(name, value)
            return
        }
        list[first].value = value
        remove(name, from: first + 1)
    }

    package mutating func set(_ name: String, _ value: String) { set(name, [UInt8](value.utf8)) }

    package mutating func remove(_ name: String) { remove(name, from: 0) }

    /// The last header of the name, which is the one that counts in Kafka. A null value is nil, too.
    package subscript(_ name: String) -> [UInt8]? {
        list.last { $0.name.elementsEqual(name.utf8) }?.value
    }

    /// The value as text, invalid UTF-8 repaired.
    package func text(_ name: String) -> String? {
        self[name].map { String(decoding: $0, as: UTF8.self) }
    }

    private mutating func remove(_ name: String, from start: Int) {
        guard start < list.count else { return }
        let kept = list[start...].filter { !$0.name.elementsEqual(name.utf8) }
        list.replaceSubrange(start..., with: kept)
    }
}
