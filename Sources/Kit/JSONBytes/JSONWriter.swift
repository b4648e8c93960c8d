/// Writes JSON straight into a byte buffer that the caller reuses.
///
/// The writer puts the commas; the caller balances `beginObject` and `endObject`. Text that is not well-formed UTF-8
/// is written with U+FFFD in place of each offending byte, so the output is always valid JSON.
public struct JSONWriter: ~Copyable {
    public var bytes: ByteBuffer
    private var needsComma = false

    /// Continues behind what `bytes` holds already.
    public init(_ bytes: consuming ByteBuffer = ByteBuffer()) {
        self.bytes = bytes
    }

    /// Gives the buffer back and ends the writer.
    public consuming func buffer() -> ByteBuffer { bytes }

    /// A copy of what was written; ends the writer.
    public consuming func finish() -> [UInt8] { [UInt8](bytes) }

    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    public mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(name)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func key(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { string(UnsafeRawBufferPointer($0)) }
    }

    public mutating func string(_ text: UnsafeRawBufferPointer) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        Self.appendEscaped(text, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    public mutating func integer(_ value: Int) {
        separate()
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        bytes.append(decimal: UInt64(value.magnitude))
        needsComma = true
    }

    public mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }
    public mutating func null() { raw("null") }

    /// Writes text that is JSON already.
    public mutating func raw(_ json: UnsafeRawBufferPointer) {
        separate()
        bytes.append(json)
        needsComma = true
    }

    public mutating func raw(_ json: String) {
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
    public static func appendEscaped(_ text: UnsafeRawBufferPointer, to output: inout ByteBuffer) {
        guard let base = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        var clean = 0
        var position = 0
        while true {
            position = PlainText.end(of: base, from: position, to: text.count)
            guard position < text.count else { break }
            let byte = base[position]
            let length = byte < 0x80 ? 0 : UTF8Sequence.length(base + position, available: text.count - position)
            if length > 0 {
                position += length
                continue
            }
            output.append(UnsafeRawBufferPointer(start: base + clean, count: position - clean))
            appendEscape(byte, to: &output)
            position += 1
            clean = position
        }
        output.append(UnsafeRawBufferPointer(start: base + clean, count: text.count - clean))
    }

    /// Escapes what `output` holds from `start` on as ``appendEscaped(_:to:)`` does.
    public static func escape(_ output: inout ByteBuffer, from start: Int) {
        let count = output.count - start
        guard PlainText.end(of: output.base, from: start, to: output.count) < output.count else { return }
        withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { text in
            text.copyMemory(from: output[start..<output.count])
            output.truncate(to: start)
            appendEscaped(UnsafeRawBufferPointer(text), to: &output)
        }
    }

    private static func appendEscape(_ byte: UInt8, to output: inout ByteBuffer) {
        switch byte {
        case UInt8(ascii: "\""): output.append(#"\""#)
        case UInt8(ascii: "\\"): output.append(#"\\"#)
        case 0x0A: output.append(#"\n"#)
        case 0x0D: output.append(#"\r"#)
        case 0x09: output.append(#"\t"#)
        case 0..<0x20:
            let digit = byte & 0xF
            output.append(byte < 0x10 ? #"\u000"# : #"\u001"#)
            output.append(digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + UInt8(ascii: "a"))
        default: output.append("\u{FFFD}")
        }
    }
}
