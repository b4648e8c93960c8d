/// A text with `*` for any characters, also none. `\*` and `\\` stand for themselves.
struct WildcardText: Sendable, Equatable {
    /// What stands between the stars: never empty, one piece more than stars.
    private let pieces: [[UInt8]]

    /// Why a text is no wildcard pattern.
    struct Fault: Error {
        let message: String
    }

    init(_ text: String) throws(Fault) {
        var pieces: [[UInt8]] = [[]]
        var previousIsStar = false
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            if byte == UInt8(ascii: "*") {
                if previousIsStar { throw Fault(message: "must not have two stars side by side") }
                pieces.append([])
                previousIsStar = true
                continue
            }
            var literal = byte
            if byte == UInt8(ascii: "\\") {
                guard let escaped = bytes.next(), escaped == UInt8(ascii: "*") || escaped == UInt8(ascii: "\\") else {
                    throw Fault(message: #"a backslash must stand before a star or a backslash"#)
                }
                literal = escaped
            }
            pieces[pieces.count - 1].append(literal)
            previousIsStar = false
        }
        self.pieces = pieces
    }

    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else {
            return text.elementsEqual(pieces.first ?? [])
        }
        guard text.count >= first.count + last.count, text.starts(with: first),
            text.suffix(last.count).elementsEqual(last)
        else { return false }
        var position = first.count
        let end = text.count - last.count
        for piece in pieces.dropFirst().dropLast() {
            // The earliest place leaves the most room for the rest.
            guard let found = Self.firstIndex(of: piece, in: text, from: position, to: end) else { return false }
            position = found + piece.count
        }
        return true
    }

    private static func firstIndex(
        of piece: [UInt8], in text: UnsafeRawBufferPointer, from start: Int, to end: Int
    ) -> Int? {
        guard start + piece.count <= end else { return nil }
        return (start...end - piece.count).first { text[$0..<$0 + piece.count].elementsEqual(piece) }
    }
}
