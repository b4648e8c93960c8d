/// Cuts a template's text into literal text and tags.
///
/// A tag that stands alone on its line takes the whole line with it, as the Mustache specification demands of every
/// tag that renders nothing itself.
struct TagScanner {
    enum Kind: UInt8 {
        case value, rawValue, section, inverted, close, partial, comment, delimiters
    }

    struct Tag {
        var kind: Kind
        /// What stands in the tag, without blanks around it.
        var content: ArraySlice<UInt8>
        /// The first byte of the tag itself.
        var start: Int
        var line: Int
        /// The blanks before a tag that stands alone; nil where it does not.
        var indentation: Range<Int>?
    }

    enum Token {
        case text(Range<Int>)
        case tag(Tag)
    }

    struct Fault: Error {
        let line: Int
        let message: String
    }

    let source: [UInt8]
    private var position = 0
    private var line = 1
    private var open = Array("{{".utf8)
    private var close = Array("}}".utf8)
    /// A tag that was found behind the text that `next` gave last.
    private var pending: Tag?

    init(_ text: String) {
        source = Array(text.utf8)
    }

    /// The next piece; nil at the end. After a fault nothing more can be told apart, so it is the last call.
    mutating func next() throws(Fault) -> Token? {
        if let tag = pending {
            pending = nil
            return .tag(tag)
        }
        guard position < source.count else { return nil }
        let textStart = position
        guard let tagStart = find(open, from: position) else {
            position = source.count
            return .text(textStart..<position)
        }
        count(textStart..<tagStart)
        let tag = try readTag(at: tagStart)
        let textEnd = tag.indentation?.lowerBound ?? tagStart
        guard textStart < textEnd else { return .tag(tag) }
        pending = tag
        return .text(textStart..<textEnd)
    }

    private mutating func readTag(at start: Int) throws(Fault) -> Tag {
        let startLine = line
        var inside = start + open.count
        var kind = Kind.value
        var ending = close
        switch inside < source.count ? source[inside] : 0 {
        case UInt8(ascii: "{"): (kind, ending) = (.rawValue, [UInt8(ascii: "}")] + close)
        case UInt8(ascii: "="): (kind, ending) = (.delimiters, [UInt8(ascii: "=")] + close)
        case UInt8(ascii: "&"): kind = .rawValue
        case UInt8(ascii: "#"): kind = .section
        case UInt8(ascii: "^"): kind = .inverted
        case UInt8(ascii: "/"): kind = .close
        case UInt8(ascii: ">"): kind = .partial
        case UInt8(ascii: "!"): kind = .comment
        default: break
        }
        if kind != .value { inside += 1 }
        guard let end = find(ending, from: inside) else {
            throw Fault(line: startLine, message: "this tag has no \"\(String(decoding: ending, as: UTF8.self))\"")
        }
        position = end + ending.count
        count(start..<position)
        let tag = Tag(
            kind: kind, content: trimmed(inside..<end), start: start, line: startLine,
            indentation: kind == .value || kind == .rawValue ? nil : takeLine(around: start))
        if kind == .delimiters { try setDelimiters(tag) }
        return tag
    }

    private mutating func setDelimiters(_ tag: Tag) throws(Fault) {
        let parts = tag.content.split(whereSeparator: Self.isBlank)
        guard parts.count == 2, !tag.content.contains(UInt8(ascii: "=")) else {
            throw Fault(
                line: tag.line, message: "delimiters are set by two words without \"=\", as in \"{{=<% %>=}}\"")
        }
        open = Array(parts[0])
        close = Array(parts[1])
    }

    /// Where nothing but blanks share the line with the tag from `start` to `position`: moves behind the line's end
    /// and gives the blanks before the tag.
    private mutating func takeLine(around start: Int) -> Range<Int>? {
        var lineStart = start
        while lineStart > 0, source[lineStart - 1] == 0x20 || source[lineStart - 1] == 0x09 { lineStart -= 1 }
        guard lineStart == 0 || source[lineStart - 1] == 0x0A else { return nil }
        var end = position
        while end < source.count, source[end] == 0x20 || source[end] == 0x09 { end += 1 }
        if end < source.count {
            if source[end] == 0x0D, end + 1 < source.count, source[end + 1] == 0x0A { end += 1 }
            guard source[end] == 0x0A else { return nil }
            end += 1
            line += 1
        }
        position = end
        return lineStart..<start
    }

    private func find(_ word: [UInt8], from start: Int) -> Int? {
        guard word.count <= source.count else { return nil }
        var index = start
        while index + word.count <= source.count {
            if source[index] == word[0], source[index..<(index + word.count)].elementsEqual(word) { return index }
            index += 1
        }
        return nil
    }

    private func trimmed(_ range: Range<Int>) -> ArraySlice<UInt8> {
        var slice = source[range]
        while let first = slice.first, Self.isBlank(first) { slice.removeFirst() }
        while let last = slice.last, Self.isBlank(last) { slice.removeLast() }
        return slice
    }

    private mutating func count(_ range: Range<Int>) {
        for byte in source[range] where byte == 0x0A { line += 1 }
    }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }
}
