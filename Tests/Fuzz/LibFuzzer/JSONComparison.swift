import CFuzzing
import JSONBytes

/// Compares one value as the scanner reads it with the same as jansson reads it.
enum JSONComparison {
    /// - Returns: the first difference; nil where there is none.
    static func difference(_ own: JSONValue, _ theirs: UnsafeMutablePointer<json_t>) -> String? {
        switch (own.kind, nh_json_type(theirs)) {
        case (.object, JSON_OBJECT): objects(own, theirs)
        case (.array, JSON_ARRAY): arrays(own, theirs)
        case (.string, JSON_STRING): strings(own, theirs)
        case (.number, JSON_REAL):
            own.double == json_real_value(theirs) ? nil : "a number is read as another: \(own.string)"
        case (.true, JSON_TRUE), (.false, JSON_FALSE), (.null, JSON_NULL): nil
        default: "\(own.kind) is read as another kind of value"
        }
    }

    private static func strings(_ own: JSONValue, _ theirs: UnsafeMutablePointer<json_t>) -> String? {
        let bytes = UnsafeRawBufferPointer(start: json_string_value(theirs), count: json_string_length(theirs))
        var text = ByteBuffer()
        own.appendText(to: &text)
        return text.bytes.elementsEqual(bytes) ? nil : "a string is read as another"
    }

    private static func arrays(_ own: JSONValue, _ theirs: UnsafeMutablePointer<json_t>) -> String? {
        guard own.count == json_array_size(theirs) else { return "an array of another length" }
        var position = 0
        var found: String?
        own.forEachElement { element in
            defer { position += 1 }
            guard found == nil else { return }
            guard let other = json_array_get(theirs, position) else { return found = "a missing element" }
            found = difference(element, other)
        }
        return found
    }

    /// Of doubled keys the last one counts on both sides.
    private static func objects(_ own: JSONValue, _ theirs: UnsafeMutablePointer<json_t>) -> String? {
        var names: Set<[UInt8]> = []
        var found: String?
        own.forEachMember { key, _ in
            var text = ByteBuffer()
            key.appendText(to: &text)
            let name = [UInt8](text)
            guard found == nil, names.insert(name).inserted else { return }
            let member = name.withUnsafeBytes { own.member($0) }
            let other = (name + [0]).withUnsafeBufferPointer { name in
                name.withMemoryRebound(to: CChar.self) { json_object_get(theirs, $0.baseAddress) }
            }
            guard let member, let other else { return found = "a missing member" }
            found = difference(member, other)
        }
        return found ?? (names.count == json_object_size(theirs) ? nil : "an object of another size")
    }
}
