import JSONBytes

/// What must hold for any bytes that are handed to the scanner.
enum JSONProperties {
    /// As deep as the scanner is asked to go here; deeper texts are refused, never a crash.
    static let maximumDepth = 1_000

    static func check(_ input: UnsafeRawBufferPointer) throws(Violation) {
        let document = JSONDocument()
        defer { withExtendedLifetime(document) {} }
        let value: JSONValue
        do throws(JSONFault) {
            value = try document.parse(input, maximumDepth: maximumDepth)
        } catch {
            try Violation.unless(document.root == nil, "a root is left after the fault \(error.code)")
            try Violation.unless(
                (0...input.count).contains(error.offset), "the fault \(error.code) lies outside, at \(error.offset)")
            return
        }
        try Violation.unless(value.json.isWithin(input), "the value lies outside of the text")
        try Violation.unless(UTF8Sequence.isValid(input), "accepted text that is not UTF-8")
        try checkMembers(value)
        try checkCanonical(value)
    }

    /// Looking a key up finds the last member that has it.
    private static func checkMembers(_ value: JSONValue) throws(Violation) {
        guard value.kind == .object else { return }
        var last: [[UInt8]: JSONValue] = [:]
        value.forEachMember { key, value in
            var text = ByteBuffer()
            key.appendText(to: &text)
            last[[UInt8](text)] = value
        }
        for (key, expected) in last {
            let found = key.withUnsafeBytes { value.member($0) }
            try Violation.unless(
                found?.raw.baseAddress == expected.raw.baseAddress && found?.raw.count == expected.raw.count,
                "member(_:) does not find the last member of a key")
        }
    }

    /// What is written again is accepted, and is written again as the same.
    private static func checkCanonical(_ value: JSONValue) throws(Violation) {
        var first = ByteBuffer()
        CanonicalJSON.append(value, to: &first)
        let copy = JSONDocument()
        defer { withExtendedLifetime(copy) {} }
        guard let again = try? copy.parse(first.bytes, maximumDepth: maximumDepth) else {
            throw Violation(sentence: "what was written again is refused")
        }
        var second = ByteBuffer()
        CanonicalJSON.append(again, to: &second)
        try Violation.unless(
            first.bytes.elementsEqual(second.bytes), "what was written again is read as something else")
    }
}

extension UnsafeRawBufferPointer {
    /// Whether all of these bytes are bytes of `other`, the same memory.
    func isWithin(_ other: UnsafeRawBufferPointer) -> Bool {
        guard let start = baseAddress, let otherStart = other.baseAddress else { return isEmpty }
        return start >= otherStart && start + count <= otherStart + other.count
    }
}
