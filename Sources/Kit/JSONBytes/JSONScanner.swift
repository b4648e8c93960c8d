/// The one pass over the bytes: validates and fills the node table.
struct JSONScanner {
    let base: UnsafePointer<UInt8>
    let count: Int
    let maximumDepth: Int
    private(set) var nodes: UnsafeMutablePointer<JSONNode>
    private(set) var capacity: Int
    private var used = 0
    private var position = 0

    init(
        base: UnsafePointer<UInt8>, count: Int, maximumDepth: Int, nodes: UnsafeMutablePointer<JSONNode>, capacity: Int
    ) {
        self.base = base
        self.count = count
        self.maximumDepth = maximumDepth
        self.nodes = nodes
        self.capacity = capacity
    }

    mutating func scan() throws(JSONFault) {
        skipWhitespace()
        try value(depth: 0)
        skipWhitespace()
        if position < count { throw JSONFault(.trailingBytes, at: position) }
    }

    // MARK: - Values

    private mutating func value(depth: Int) throws(JSONFault) {
        guard position < count else { throw JSONFault(.unexpectedEnd, at: position) }
        switch base[position] {
        case UInt8(ascii: "{"): try object(depth: depth)
        case UInt8(ascii: "["): try array(depth: depth)
        case UInt8(ascii: "\""): try string(.string)
        case UInt8(ascii: "t"): try literal("true", .true)
        case UInt8(ascii: "f"): try literal("false", .false)
        case UInt8(ascii: "n"): try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: throw JSONFault(.unexpectedByte, at: position)
        }
    }

    private mutating func object(depth: Int) throws(JSONFault) {
        let node = try open(.object, depth: depth)
        skipWhitespace()
        if take(UInt8(ascii: "}")) { return close(node) }
        while true {
            guard position < count else { throw JSONFault(.unexpectedEnd, at: position) }
            guard base[position] == UInt8(ascii: "\"") else { throw JSONFault(.unexpectedByte, at: position) }
            try string(.key)
            skipWhitespace()
            try expect(UInt8(ascii: ":"))
            skipWhitespace()
            try value(depth: depth + 1)
            skipWhitespace()
            if take(UInt8(ascii: "}")) { return close(node) }
            try expect(UInt8(ascii: ","))
            skipWhitespace()
        }
    }

    private mutating func array(depth: Int) throws(JSONFault) {
        let node = try open(.array, depth: depth)
        skipWhitespace()
        if take(UInt8(ascii: "]")) { return close(node) }
        while true {
            try value(depth: depth + 1)
            skipWhitespace()
            if take(UInt8(ascii: "]")) { return close(node) }
            try expect(UInt8(ascii: ","))
            skipWhitespace()
        }
    }

    private mutating func literal(_ text: StaticString, _ kind: JSONKind) throws(JSONFault) {
        let length = text.utf8CodeUnitCount
        guard position + length <= count else { throw JSONFault(.unexpectedEnd, at: count) }
        for offset in 0..<length where base[position + offset] != text.utf8Start[offset] {
            throw JSONFault(.unexpectedByte, at: position + offset)
        }
        append(kind, start: position, end: position + length)
        position += length
    }

    private mutating func number() throws(JSONFault) {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            // A leading zero stands alone.
        } else if digits() == 0 {
            throw JSONFault(.badNumber, at: position)
        }
        if take(UInt8(ascii: ".")), digits() == 0 { throw JSONFault(.badNumber, at: position) }
        if position < count, base[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            if digits() == 0 { throw JSONFault(.badNumber, at: position) }
        }
        if position < count, base[position] &- UInt8(ascii: "0") < 10 { throw JSONFault(.badNumber, at: position) }
        append(.number, start: start, end: position)
    }

    private mutating func digits() -> Int {
        let start = position
        while position < count, base[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        return position - start
    }

    // MARK: - Strings

    private mutating func string(_ kind: JSONKind) throws(JSONFault) {
        position += 1
        let start = position
        var hasEscapes = false
        while true {
            position = PlainText.end(of: base, from: position, to: count)
            guard position < count else { throw JSONFault(.unexpectedEnd, at: count) }
            let byte = base[position]
            if byte == UInt8(ascii: "\"") {
                append(kind, start: start, end: position, hasEscapes: hasEscapes)
                position += 1
                return
            } else if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                try escape()
            } else if byte < 0x20 {
                throw JSONFault(.controlCharacter, at: position)
            } else {
                let length = UTF8Sequence.length(base + position, available: count - position)
                guard length > 0 else { throw JSONFault(.invalidUTF8, at: position) }
                position += length
            }
        }
    }

    private mutating func escape() throws(JSONFault) {
        guard position + 1 < count else { throw JSONFault(.unexpectedEnd, at: count) }
        switch base[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            guard position + 6 <= count else { throw JSONFault(.unexpectedEnd, at: count) }
            guard JSONEscape.hex(base + position + 2) != nil else { throw JSONFault(.badEscape, at: position) }
            position += 6
        default:
            throw JSONFault(.badEscape, at: position)
        }
    }

    // MARK: - Node table

    private mutating func open(_ kind: JSONKind, depth: Int) throws(JSONFault) -> Int {
        guard depth < maximumDepth else { throw JSONFault(.tooDeep, at: position) }
        append(kind, start: position, end: position)
        position += 1
        return used - 1
    }

    private mutating func close(_ node: Int) {
        nodes[node].end = Int32(truncatingIfNeeded: position)
        nodes[node].next = Int32(truncatingIfNeeded: used)
    }

    private mutating func append(_ kind: JSONKind, start: Int, end: Int, hasEscapes: Bool = false) {
        if used == capacity { grow() }
        (nodes + used).initialize(
            to: JSONNode(
                kind: kind, hasEscapes: hasEscapes, start: Int32(truncatingIfNeeded: start),
                end: Int32(truncatingIfNeeded: end), next: Int32(truncatingIfNeeded: used + 1)))
        used += 1
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<JSONNode>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: nodes, count: used)
        nodes.deallocate()
        nodes = larger
        capacity *= 2
    }

    // MARK: - Bytes

    private mutating func skipWhitespace() {
        while position < count {
            switch base[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < count, base[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(JSONFault) {
        guard position < count else { throw JSONFault(.unexpectedEnd, at: position) }
        guard base[position] == byte else { throw JSONFault(.unexpectedByte, at: position) }
        position += 1
    }
}
