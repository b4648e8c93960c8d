/// How urgent a notification is. The raw value is the rank, 0 to 3; `word` is what stands on the wire.
package enum Priority: Int, CaseIterable, Sendable, Comparable {
    case low, normal, high, critical

    package var word: String {
        switch self {
        case .low: "low"
        case .normal: "normal"
        case .high: "high"
        case .critical: "critical"
        }
    }

    /// The priority of a word of the wire contract; nil for any other word.
    package init?(word: String) {
        guard let found = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = found
    }

    package static func < (left: Priority, right: Priority) -> Bool { left.rawValue < right.rawValue }
}
