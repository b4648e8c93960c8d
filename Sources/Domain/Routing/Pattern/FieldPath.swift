internal import JSONBytes

/// The names of members that lead from an event's data to a field. A member's own name may hold dots, as in EventBridge:
/// it then stands for several of them.
struct FieldPath: Sendable {
    /// The names with dots between them.
    private let text: [UInt8]
    /// Where each name ends in `text`.
    private let ends: [Int]

    init(_ name: String) {
        let text = Array(name.utf8)
        self.text = text
        ends = text.indices.filter { text[$0] == UInt8(ascii: ".") } + [text.count]
    }

    /// How many names there are, at least one.
    var count: Int { ends.count }

    /// The member of `object` whose name is that of these places with dots between them.
    ///
    /// - Parameter visits: grows by how many members were looked at.
    func member(_ places: ClosedRange<Int>, of object: JSONValue, visits: inout Int) -> JSONValue? {
        let start = places.lowerBound == 0 ? 0 : ends[places.lowerBound - 1] + 1
        return text.withUnsafeBytes { text in
            object.member(UnsafeRawBufferPointer(rebasing: text[start..<ends[places.upperBound]]), visits: &visits)
        }
    }
}
