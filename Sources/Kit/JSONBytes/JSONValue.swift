/// A borrowed view of one value of a ``JSONDocument``: three words, no reference counting.
///
/// Valid until the document parses again, and as long as the bytes it parsed live.
public struct JSONValue {
    @usableFromInline let bytes: UnsafePointer<UInt8>
    @usableFromInline let nodes: UnsafePointer<JSONNode>
    @usableFromInline let index: Int32

    @inlinable init(bytes: UnsafePointer<UInt8>, nodes: UnsafePointer<JSONNode>, index: Int32) {
        self.bytes = bytes
        self.nodes = nodes
        self.index = index
    }

    @inlinable var node: JSONNode { nodes[Int(index)] }

    @inlinable public var kind: JSONKind { node.kind }
    @inlinable public var isNull: Bool { node.kind == .null }
    /// A string or key that holds a backslash, so that its text differs from its bytes.
    @inlinable public var hasEscapes: Bool { node.hasEscapes }

    /// The value's text as it stands in the document; a string's or key's without its quotes, escapes unread.
    @inlinable public var raw: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes + Int(node.start), count: Int(node.count))
    }

    /// The value as JSON, byte for byte: like ``raw``, but a string with its quotes.
    public var json: UnsafeRawBufferPointer {
        switch node.kind {
        case .string, .key:
            UnsafeRawBufferPointer(start: bytes + Int(node.start) - 1, count: Int(node.count) + 2)
        default: raw
        }
    }

    /// Appends the text of a string or key with its escapes read, and of any other value as it stands.
    public func appendText(to output: inout ByteBuffer) {
        if node.hasEscapes {
            JSONEscape.appendUnescaped(
                UnsafeBufferPointer(start: bytes + Int(node.start), count: Int(node.count)), to: &output)
        } else {
            output.append(raw)
        }
    }

    /// The text as a Swift string; allocates, so not for the hot path.
    public var string: String {
        guard hasEscapes else { return String(decoding: raw, as: UTF8.self) }
        var text = ByteBuffer()
        appendText(to: &text)
        return String(decoding: text.bytes, as: UTF8.self)
    }

    /// The value as a 64-bit integer: a number without fraction or exponent that fits.
    public var integer: Int? { kind == .number ? Int(string) : nil }

    /// The nearest double of a number; allocates, so not for the hot path.
    public var double: Double? { kind == .number ? Double(string) : nil }

    public var bool: Bool? { kind == .true ? true : kind == .false ? false : nil }

    /// Whether a string's or key's text (or another value's bytes) equals `text`.
    public func equals(_ text: UnsafeRawBufferPointer) -> Bool {
        hasEscapes ? equalsUnescaped(text) : raw.hasSameBytes(as: text)
    }

    @inline(never)
    private func equalsUnescaped(_ text: UnsafeRawBufferPointer) -> Bool { string.utf8.elementsEqual(text) }

    @inlinable public func equals(_ text: StaticString) -> Bool {
        equals(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

// MARK: - Members and elements

extension JSONValue {
    /// The member named `key`, the last one where the key is doubled; nil where this is no object or has none.
    public func member(_ key: UnsafeRawBufferPointer) -> JSONValue? {
        var visits = 0
        return member(key, visits: &visits)
    }

    /// The same, adding to `visits` how many members were looked at.
    public func member(_ key: UnsafeRawBufferPointer, visits: inout Int) -> JSONValue? {
        guard kind == .object else { return nil }
        let count = Int32(truncatingIfNeeded: key.count)
        // Behind an empty name there is its quote.
        let first = key.first ?? UInt8(ascii: "\"")
        let end = node.next
        var found: Int32 = 0
        var child = index &+ 1
        while child < end {
            let name = nodes + Int(child)
            visits &+= 1
            // Only names that have the length and begin alike need a closer look, and those with escapes.
            let isSimilar = name.pointee.count == count && bytes[Int(name.pointee.start)] == first
            if isSimilar || name.pointee.hasEscapes, isNamed(child, key) { found = child &+ 1 }
            child = name[1].next
        }
        return found == 0 ? nil : JSONValue(bytes: bytes, nodes: nodes, index: found)
    }

    /// Not inlined, so that the loop over the members stays short.
    @inline(never)
    private func isNamed(_ child: Int32, _ key: UnsafeRawBufferPointer) -> Bool {
        JSONValue(bytes: bytes, nodes: nodes, index: child).equals(key)
    }

    public func member(_ key: StaticString) -> JSONValue? {
        member(UnsafeRawBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
    }

    /// The element at a position of an array, counted from 0.
    public func element(_ position: Int) -> JSONValue? {
        guard kind == .array, position >= 0 else { return nil }
        var remaining = position
        var child = index &+ 1
        while child < node.next {
            if remaining == 0 { return JSONValue(bytes: bytes, nodes: nodes, index: child) }
            remaining -= 1
            child = nodes[Int(child)].next
        }
        return nil
    }

    /// The number of elements or members (doubled keys counted each); 0 for anything else.
    public var count: Int {
        var total = 0
        if kind == .array { forEachElement { _ in total += 1 } }
        if kind == .object { forEachMember { _, _ in total += 1 } }
        return total
    }

    /// Calls `body` with every key and value of an object, in the order of the text.
    @inlinable @inline(__always)
    public func forEachMember(_ body: (_ key: JSONValue, _ value: JSONValue) -> Void) {
        guard kind == .object else { return }
        var child = index &+ 1
        while child < node.next {
            body(
                JSONValue(bytes: bytes, nodes: nodes, index: child),
                JSONValue(bytes: bytes, nodes: nodes, index: child &+ 1))
            child = nodes[Int(child) &+ 1].next
        }
    }

    /// Calls `body` with every element of an array.
    @inlinable @inline(__always)
    public func forEachElement(_ body: (JSONValue) -> Void) {
        guard kind == .array else { return }
        var child = index &+ 1
        while child < node.next {
            body(JSONValue(bytes: bytes, nodes: nodes, index: child))
            child = nodes[Int(child)].next
        }
    }
}
