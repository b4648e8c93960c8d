/// The one pass over the bytes: validates and fills the node table.
///
/// A loop instead of a recursion, with everything usual inlined into it: so the place in the bytes and in the table stay
/// in registers, and a deep text costs no stack.
struct JSONScanner {
    private let base: UnsafePointer<UInt8>
    private let count: Int
    private let maximumDepth: Int
    private let nodes: UnsafeMutablePointer<JSONNode>
    private var used = 0
    private var position = 0
    /// How many arrays and objects are open, and the node of the innermost; while one is open, its `next` is the one
    /// around it.
    private var depth = 0
    private var innermost: Int32 = -1

    /// - Parameter nodes: a table of at least ``maximumNodes(in:maximumDepth:)``.
    init(_ base: UnsafePointer<UInt8>, count: Int, maximumDepth: Int, nodes: UnsafeMutablePointer<JSONNode>) {
        self.base = base
        self.count = count
        self.maximumDepth = maximumDepth
        self.nodes = nodes
    }

    /// What a text can need: every value and key takes a byte and one that separates it from the next, but for the
    /// brackets that are still open. So the loop need not ask whether the table is full.
    static func maximumNodes(in count: Int, maximumDepth: Int) -> Int {
        count / 2 + min(count, maximumDepth) + 1
    }

    @inline(__always)
    mutating func scan() throws(JSONFault) {
        var expectsValue = true
        while expectsValue {
            let isOpened = try value()
            expectsValue = isOpened ? true : try separator()
        }
        position = Self.endOfWhitespace(in: base, from: position, to: count)
        if position < count { throw JSONFault(.trailingBytes, at: position) }
    }

    // MARK: - Values

    /// Scans a value, with its key where it has one, or the begin of an array or object that is not empty: then true,
    /// since its first value comes next.
    @inline(__always)
    private mutating func value() throws(JSONFault) -> Bool {
        if isInObject { try key() }
        switch try next() {
        case UInt8(ascii: "\""): try string(.string)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        case UInt8(ascii: "{"):
            try open(.object)
            if try next() != UInt8(ascii: "}") { return true }
            close()
        case UInt8(ascii: "["):
            try open(.array)
            if try next() != UInt8(ascii: "]") { return true }
            close()
        case UInt8(ascii: "t"): try literal("true", .true)
        case UInt8(ascii: "f"): try literal("false", .false)
        case UInt8(ascii: "n"): try literal("null", .null)
        default: throw JSONFault(.unexpectedByte, at: position)
        }
        return false
    }

    /// Scans what stands behind a value: the ends of arrays and objects, then a comma or nothing more. True means that
    /// another value comes next.
    @inline(__always)
    private mutating func separator() throws(JSONFault) -> Bool {
        while innermost >= 0 {
            let byte = try next()
            if byte == UInt8(ascii: ",") {
                position &+= 1
                return true
            }
            guard byte == (isInObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                throw JSONFault(.unexpectedByte, at: position)
            }
            close()
        }
        return false
    }

    /// Scans a key and its colon.
    @inline(__always)
    private mutating func key() throws(JSONFault) {
        guard try next() == UInt8(ascii: "\"") else { throw JSONFault(.unexpectedByte, at: position) }
        try string(.key)
        guard try next() == UInt8(ascii: ":") else { throw JSONFault(.unexpectedByte, at: position) }
        position &+= 1
    }

    /// The next byte that is no white space; it stays the next one.
    @inline(__always)
    private mutating func next() throws(JSONFault) -> UInt8 {
        if position < count, base[position] > 0x20 { return base[position] }
        position = Self.endOfWhitespace(in: base, from: position, to: count)
        guard position < count else { throw JSONFault(.unexpectedEnd, at: position) }
        return base[position]
    }

    private var isInObject: Bool {
        @inline(__always) get { innermost >= 0 && nodes[Int(innermost)].kind == .object }
    }

    /// Steps over an opening bracket.
    @inline(__always)
    private mutating func open(_ kind: JSONKind) throws(JSONFault) {
        guard depth < maximumDepth else { throw JSONFault(.tooDeep, at: position) }
        append(kind, from: position, to: position)
        nodes[used &- 1].next = innermost
        innermost = Int32(truncatingIfNeeded: used &- 1)
        depth &+= 1
        position &+= 1
    }

    /// Steps over a closing bracket.
    @inline(__always)
    private mutating func close() {
        position &+= 1
        let node = nodes + Int(innermost)
        innermost = node.pointee.next
        depth &-= 1
        node.pointee.count = Int32(truncatingIfNeeded: position) &- node.pointee.start
        node.pointee.next = Int32(truncatingIfNeeded: used)
    }

    @inline(__always)
    private mutating func literal(_ text: StaticString, _ kind: JSONKind) throws(JSONFault) {
        let length = text.utf8CodeUnitCount
        guard position + length <= count else { throw JSONFault(.unexpectedEnd, at: count) }
        for offset in 0..<length where base[position + offset] != text.utf8Start[offset] {
            throw JSONFault(.unexpectedByte, at: position + offset)
        }
        append(kind, from: position, to: position + length)
        position += length
    }

    @inline(__always)
    private mutating func number() throws(JSONFault) {
        let end = try Self.endOfNumber(in: base, from: position, to: count)
        append(.number, from: position, to: end)
        position = end
    }

    @inline(__always)
    private mutating func string(_ kind: JSONKind) throws(JSONFault) {
        let start = position &+ 1
        var (end, hasEscapes) = (PlainText.end(of: base, from: start, to: count), false)
        if end == count || base[end] != UInt8(ascii: "\"") {
            (end, hasEscapes) = try Self.endOfString(in: base, from: end, to: count)
        }
        append(kind, from: start, to: end, hasEscapes: hasEscapes)
        position = end &+ 1
    }

    // MARK: - Node table

    @inline(__always)
    private mutating func append(_ kind: JSONKind, from start: Int, to end: Int, hasEscapes: Bool = false) {
        (nodes + used).initialize(
            to: JSONNode(
                kind: kind, hasEscapes: hasEscapes, start: Int32(truncatingIfNeeded: start),
                count: Int32(truncatingIfNeeded: end &- start), next: Int32(truncatingIfNeeded: used &+ 1)))
        used &+= 1
    }

    // MARK: - Leaves

    // What is not inlined gets places instead of the scanner, which would else have to be in memory.

    private static func endOfNumber(
        in base: UnsafePointer<UInt8>, from start: Int, to count: Int
    ) throws(JSONFault) -> Int {
        var position = start
        if base[position] == UInt8(ascii: "-") { position += 1 }
        // A leading zero stands alone.
        let hasZero = position < count && base[position] == UInt8(ascii: "0")
        let wholeEnd = hasZero ? position + 1 : endOfDigits(in: base, from: position, to: count)
        guard wholeEnd > position else { throw JSONFault(.badNumber, at: position) }
        position = wholeEnd
        if position < count, base[position] == UInt8(ascii: ".") {
            let end = endOfDigits(in: base, from: position + 1, to: count)
            guard end > position + 1 else { throw JSONFault(.badNumber, at: end) }
            position = end
        }
        guard position < count else { return position }
        if base[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < count, base[position] == UInt8(ascii: "+") || base[position] == UInt8(ascii: "-") {
                position += 1
            }
            let end = endOfDigits(in: base, from: position, to: count)
            guard end > position else { throw JSONFault(.badNumber, at: position) }
            position = end
        }
        if position < count, base[position] &- UInt8(ascii: "0") < 10 { throw JSONFault(.badNumber, at: position) }
        return position
    }

    @inline(__always)
    private static func endOfDigits(in base: UnsafePointer<UInt8>, from start: Int, to count: Int) -> Int {
        var position = start
        while position < count, base[position] &- UInt8(ascii: "0") < 10 { position &+= 1 }
        return position
    }

    /// Where the quote is that ends the string; for the rest of one from its first byte on that is not plain.
    @inline(never)
    private static func endOfString(
        in base: UnsafePointer<UInt8>, from start: Int, to count: Int
    ) throws(JSONFault) -> (end: Int, hasEscapes: Bool) {
        var position = start
        var hasEscapes = false
        while true {
            position = PlainText.end(of: base, from: position, to: count)
            guard position < count else { throw JSONFault(.unexpectedEnd, at: count) }
            let byte = base[position]
            if byte == UInt8(ascii: "\"") {
                return (position, hasEscapes)
            } else if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                position = try endOfEscape(in: base, from: position, to: count)
            } else if byte < 0x20 {
                throw JSONFault(.controlCharacter, at: position)
            } else {
                let length = UTF8Sequence.length(base + position, available: count - position)
                guard length > 0 else { throw JSONFault(.invalidUTF8, at: position) }
                position += length
            }
        }
    }

    private static func endOfEscape(
        in base: UnsafePointer<UInt8>, from start: Int, to count: Int
    ) throws(JSONFault) -> Int {
        guard start + 1 < count else { throw JSONFault(.unexpectedEnd, at: count) }
        switch base[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            guard start + 6 <= count else { throw JSONFault(.unexpectedEnd, at: count) }
            guard JSONEscape.hex(base + start + 2) != nil else { throw JSONFault(.badEscape, at: start) }
            return start + 6
        default:
            throw JSONFault(.badEscape, at: start)
        }
    }

    @inline(never)
    private static func endOfWhitespace(in base: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
        var position = start
        while position < end {
            switch base[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return position
            }
        }
        return position
    }
}
