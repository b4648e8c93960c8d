/// A dotted path such as `items.0.sku`, split once so that following it compares bytes and nothing else.
package struct JSONPath: Sendable, Hashable {
    /// One step: a member's name that may also be an array position.
    struct Step: Sendable, Hashable {
        let name: [UInt8]
        /// The name as a position, where it is a plain decimal number.
        let position: Int?
    }

    /// The path as it was written.
    package let text: String
    let steps: [Step]

    /// Splits at dots. An empty step never matches anything but an empty key.
    package init(_ text: String) {
        self.text = text
        steps = text.split(separator: ".", omittingEmptySubsequences: false).map { part in
            let isPosition = !part.isEmpty && part.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
            return Step(name: Array(part.utf8), position: isPosition ? Int(part) : nil)
        }
    }

    /// Follows the path from `value`: members of objects by name, elements of arrays by position.
    package func value(in value: JSONValue) -> JSONValue? {
        var current = value
        for step in steps {
            let next: JSONValue? =
                switch current.kind {
                case .object: step.name.withUnsafeBytes { current.member($0) }
                case .array: step.position.flatMap { current.element($0) }
                default: nil
                }
            guard let next else { return nil }
            current = next
        }
        return current
    }
}
