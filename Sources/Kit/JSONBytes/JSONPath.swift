/// A dotted path such as `items.0.sku`, split once so that following it compares bytes and nothing else.
///
/// Immutable, so usable from any thread. A class with its steps outside of Swift's arrays: following a path counts no
/// reference.
public final class JSONPath: Sendable {
    /// One step: a member's name that may also be an array position.
    private struct Step {
        let name: UnsafeRawBufferPointer
        /// The name as a position; -1 where it is no plain decimal number.
        let position: Int
    }

    /// The path as it was written.
    public let text: String
    // Safe because both are written in `init` only.
    private nonisolated(unsafe) let names: UnsafeMutableRawBufferPointer
    private nonisolated(unsafe) let steps: UnsafeMutableBufferPointer<Step>
    private let first: JSONNames

    /// Splits at dots. An empty step never matches anything but an empty key.
    public init(_ text: String) {
        self.text = text
        names = .allocate(byteCount: max(text.utf8.count, 1), alignment: 1)
        names.copyBytes(from: text.utf8)
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        steps = .allocate(capacity: parts.count)
        var start = 0
        for (index, part) in parts.enumerated() {
            let name = UnsafeRawBufferPointer(rebasing: names[start..<start + part.count])
            let isPosition = !name.isEmpty && name.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
            steps.initializeElement(
                at: index, to: Step(name: name, position: isPosition ? Int(Substring(part)) ?? -1 : -1))
            start += part.count + 1
        }
        first = JSONNames(steps[0].name)
    }

    deinit {
        steps.deallocate()
        names.deallocate()
    }

    /// The same as ``value(in:)`` for a value whose names were collected, since many paths begin with one that is absent.
    public func value(in value: JSONValue, with names: JSONNames) -> JSONValue? {
        names.canHave(first) ? self.value(in: value) : nil
    }

    /// Follows the path from `value`: members of objects by name, elements of arrays by position.
    public func value(in value: JSONValue) -> JSONValue? {
        var current = value
        for step in steps {
            let next: JSONValue? =
                switch current.kind {
                case .object: current.member(step.name)
                case .array: current.element(step.position)
                default: nil
                }
            guard let next else { return nil }
            current = next
        }
        return current
    }
}

extension JSONPath: Hashable {
    public static func == (left: JSONPath, right: JSONPath) -> Bool { left.text == right.text }

    public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
