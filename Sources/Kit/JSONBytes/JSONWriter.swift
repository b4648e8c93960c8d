/// Writes JSON straight into a byte buffer that the caller reuses.
///
/// The writer puts the commas; the caller balances `beginObject` and `endObject`. Text that is not well-formed UTF-8
/// is written with U+FFFD in place of each offending byte, so the output is always valid JSON.
package struct JSONWriter: ~Copyable {
    package var bytes: [UInt8]
    private var needsComma = false

    /// Continues behind what `bytes` holds already.
    package init(_ bytes: consuming [UInt8] = []) {
        self.bytes = bytes
    }

    /// Gives the buffer back and ends the writer.
    package consuming func finish() -> [UInt8] { bytes }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    package mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func key(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { string(UnsafeRawBufferPointer($0)) }
    }

    package mutating func string(_ text: UnsafeRawBufferPointer) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        Self.appendEscaped(text, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    package mutating func integer(_ value: some BinaryInteger) { raw(String(value)) }
    package mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }
    package mutating func null() { raw("null") }

    /// Writes text that is JSON already.
    package mutating func raw(_ json: UnsafeRawBufferPointer) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    package mutating func raw(_ json: String) {
        var json = json
        json.withUTF8 { raw(UnsafeRawBufferPointer($0)) }
    }

    private mutating func open(_ byte: UInt8) {
        separate()
        bytes.append(byte)
        needsComma = false
    }

    private mutating func close(_ byte: UInt8) {
        bytes.append(byte)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }
}

// MARK: - Escaping

extension JSONWriter {
    /// Appends `text` as the inside of a JSON string: quotes, backslashes and control characters escaped.
    package static func appendEscaped(_ text: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        guard let base = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        var clean = 0
        var position = 0
        while position < text.count {
            let byte = base[position]
            if byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                position += 1
                continue
            }
            let length = byte < 0x80 ? 0 : UTF8Sequence.length(base + position, available: text.count - position)
            if length > 0 {
                position += length
                continue
            }
            output.append(contentsOf: UnsafeBufferPointer(start: base + clean, count: position - clean))
            appendEscape(byte, to: &output)
            position += 1
            clean = position
        }
        output.append(contentsOf: UnsafeBufferPointer(start: base + clean, count: text.count - clean))
    }

    private static func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): output.append(contentsOf: #"\""#.utf8)
        case UInt8(ascii: "\\"): output.append(contentsOf: #"\\"#.utf8)
        case 0x0A: output.append(contentsOf: #"\n"#.utf8)
        case 0x0D: output.append(contentsOf: #"\r"#.utf8)
        case 0x09: output.append(contentsOf: #"\t"#.utf8)
        case 0..<0x20:
            output.append(contentsOf: byte < 0x10 ? #"\u000"#.utf8 : #"\u001"#.utf8)
            output.append("0123456789abcdef".utf8.map { $0 }[Int(byte & 0xF)])
        default: output.append(contentsOf: "\u{FFFD}".utf8)
        }
    }
}
