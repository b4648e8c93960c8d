package import JSONBytes

/// Writes a value again without white space and with the fewest escapes: two texts of the same value, with the same
/// order and the same texts of numbers, give the same bytes.
package enum CanonicalJSON {
    package static func append(_ value: JSONValue, to output: inout ByteBuffer) {
        switch value.kind {
        case .object: appendObject(value, to: &output)
        case .array: appendArray(value, to: &output)
        case .string, .key: appendString(value, to: &output)
        case .number, .true, .false, .null: output.append(value.raw)
        }
    }

    private static func appendObject(_ object: JSONValue, to output: inout ByteBuffer) {
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        object.forEachMember { key, value in
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            appendString(key, to: &output)
            output.append(UInt8(ascii: ":"))
            append(value, to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    private static func appendArray(_ array: JSONValue, to output: inout ByteBuffer) {
        output.append(UInt8(ascii: "["))
        var isFirst = true
        array.forEachElement { element in
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            append(element, to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    private static func appendString(_ string: JSONValue, to output: inout ByteBuffer) {
        var text = ByteBuffer()
        string.appendText(to: &text)
        output.append(UInt8(ascii: "\""))
        JSONWriter.appendEscaped(text.bytes, to: &output)
        output.append(UInt8(ascii: "\""))
    }
}
