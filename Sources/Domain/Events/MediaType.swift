/// A media type such as `application/cloudevents+json; charset=utf-8`, compared without regard to case.
struct MediaType {
    /// The type without its parameters and the blanks around it.
    private let essence: UnsafeRawBufferPointer

    init(_ text: UnsafeRawBufferPointer) {
        let end = text.firstIndex(of: UInt8(ascii: ";")) ?? text.count
        var (start, stop) = (0, end)
        while start < stop, text[start] == UInt8(ascii: " ") { start += 1 }
        while stop > start, text[stop - 1] == UInt8(ascii: " ") { stop -= 1 }
        essence = UnsafeRawBufferPointer(rebasing: text[start..<stop])
    }

    /// `application/json`, `text/json` or anything with the suffix `+json`.
    var isJSON: Bool { hasSuffix("/json") || hasSuffix("+json") }

    /// What the CloudEvents Kafka binding takes as the sign of structured (or batched) mode.
    var isCloudEvents: Bool { essence.startsIgnoringCase("application/cloudevents") }

    /// The one structured format that is read here. Without a suffix, JSON is the format.
    var isCloudEventsJSON: Bool {
        essence.equalsIgnoringCase("application/cloudevents+json")
            || essence.equalsIgnoringCase("application/cloudevents")
    }

    private func hasSuffix(_ suffix: StaticString) -> Bool {
        let start = essence.count - suffix.utf8CodeUnitCount
        return start >= 0 && UnsafeRawBufferPointer(rebasing: essence[start...]).equalsIgnoringCase(suffix)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these bytes are `text`, which is ASCII, but for the case of letters.
    func equalsIgnoringCase(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && startsIgnoringCase(text)
    }

    func startsIgnoringCase(_ text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        for position in 0..<text.utf8CodeUnitCount
        where Self.lowercased(self[position]) != Self.lowercased(text.utf8Start[position]) {
            return false
        }
        return true
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
