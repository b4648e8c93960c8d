internal import JSONBytes

/// What a pattern asks of one value of an event.
enum Condition: Sendable, Equatable {
    case text([UInt8])
    /// true, false or null.
    case literal(JSONKind)
    /// `value` is nil for a number that only its text equals.
    case number(value: Double?, text: [UInt8])
    case range(NumericRange)
    case prefix([UInt8])
    case suffix([UInt8])
    case foldedText(FoldedText)
    case foldedPrefix(FoldedText)
    case foldedSuffix(FoldedText)
    case wildcard(WildcardText)
    case network(NetworkRange)
    case exists
    /// Any value that meets none of these.
    indirect case anythingBut([Condition])

    /// One value of an event, as far as patterns see it: objects and arrays are none.
    enum Leaf {
        /// The text of a string, escapes read.
        case text(UnsafeRawBufferPointer)
        /// A number as it stands.
        case number(UnsafeRawBufferPointer)
        case literal(JSONKind)
    }

    func matches(_ leaf: Leaf) -> Bool {
        switch (self, leaf) {
        case (.exists, _): true
        case (.anythingBut(let excluded), _): !excluded.contains { $0.matches(leaf) }
        case (_, .text(let text)): matches(text: text)
        case (.literal(let wanted), .literal(let kind)): wanted == kind
        case (.number(let wanted, let wantedText), .number(let text)):
            text.elementsEqual(wantedText) || wanted.map { $0 == ComparableNumber.value(of: text) } ?? false
        case (.range(let range), .number(let text)): ComparableNumber.value(of: text).map(range.contains) ?? false
        default: false
        }
    }

    private func matches(text: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .text(let wanted): text.count == wanted.count && text.elementsEqual(wanted)
        case .prefix(let prefix): text.starts(with: prefix)
        case .suffix(let suffix): text.count >= suffix.count && text.suffix(suffix.count).elementsEqual(suffix)
        case .foldedText(let wanted): wanted.equals(text)
        case .foldedPrefix(let prefix): prefix.isPrefix(of: text)
        case .foldedSuffix(let suffix): suffix.isSuffix(of: text)
        case .wildcard(let wildcard): wildcard.matches(text)
        case .network(let range): range.contains(text)
        case .literal, .number, .range, .exists, .anythingBut: false
        }
    }
}

/// Numbers between two bounds, either of which may be missing.
struct NumericRange: Sendable, Equatable {
    struct Bound: Sendable, Equatable {
        let value: Double
        let isIncluded: Bool
    }

    var lower: Bound?
    var upper: Bound?

    func contains(_ value: Double) -> Bool {
        if let lower, value < lower.value || (value == lower.value && !lower.isIncluded) { return false }
        if let upper, value > upper.value || (value == upper.value && !upper.isIncluded) { return false }
        return true
    }
}
