/// Reads the header lines of an answer: a line for the status, then one for each header.
enum HTTPHeaderBlock {
    /// Names in lower case, values without the white space around them. The status line and what is no header are
    /// left out.
    static func parse(_ block: [UInt8]) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        forEachHeader(block) { name, value in
            headers.append((String(decoding: name.lazy.map(lowercase), as: UTF8.self), text(value)))
            return true
        }
        return headers
    }

    /// The value of the first header of that name, which is given in lower case.
    static func value(of wanted: String, in block: [UInt8]) -> String? {
        var found: String?
        forEachHeader(block) { name, value in
            guard name.count == wanted.utf8.count, name.lazy.map(lowercase).elementsEqual(wanted.utf8) else {
                return true
            }
            found = text(value)
            return false
        }
        return found
    }

    /// Calls `body` with each header until it returns false.
    private static func forEachHeader(
        _ block: [UInt8], _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) {
        block.withUnsafeBytes { bytes in
            var isStatusLine = true
            var rest = bytes[...]
            while !rest.isEmpty {
                let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
                let line = rest[..<end]
                rest = rest[min(end + 1, rest.endIndex)...]
                defer { isStatusLine = false }
                guard !isStatusLine, let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
                    continue
                }
                let value = UnsafeRawBufferPointer(rebasing: line[(colon + 1)...])
                guard body(UnsafeRawBufferPointer(rebasing: line[..<colon]), value) else { return }
            }
        }
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// Without the white space around it.
    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        let start = bytes.drop(while: isBlank)
        guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(decoding: start[...last], as: UTF8.self)
    }
}
