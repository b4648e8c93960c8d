internal import JSONBytes
internal import Time

/// Reads the typed fields of one JSON object; a fault names the field's path.
struct FieldReader {
    private let value: JSONValue
    /// The object's own name; nil for the root.
    private let path: StaticString?

    init(root: JSONValue) throws(NotificationFault) {
        guard root.kind == .object else {
            throw NotificationFault(code: "wrong_type", message: "the value is not a JSON object")
        }
        value = root
        path = nil
    }

    private init(_ value: JSONValue, path: StaticString) {
        self.value = value
        self.path = path
    }

    /// The object as JSON, byte for byte.
    var json: [UInt8] { Array(value.json) }

    // MARK: - Required fields

    func object(_ key: StaticString) throws(NotificationFault) -> FieldReader {
        FieldReader(try required(key, .object), path: key)
    }

    func text(_ key: StaticString, mayBeEmpty: Bool = false) throws(NotificationFault) -> String {
        let text = Self.text(try required(key, .string))
        guard mayBeEmpty || !text.isEmpty else {
            throw NotificationFault(code: "bad_value", message: "\(name(key)) is empty")
        }
        return text
    }

    /// A text of 1 to 128 letters, digits, hyphens and underscores.
    func identifier(_ key: StaticString) throws(NotificationFault) -> String {
        var text = try text(key)
        let isPlain = text.withUTF8 { bytes in
            bytes.allSatisfy { byte in
                byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
        }
        guard isPlain, text.utf8.count <= 128 else {
            throw NotificationFault(
                code: "bad_value",
                message: "\(name(key)) is not 1 to 128 letters, digits, hyphens and underscores")
        }
        return text
    }

    func requireChannel(_ channel: ChannelName) throws(NotificationFault) {
        if Self.holds(try required("channel", .string), channel.rawValue) { return }
        let found = try text("channel")
        guard found == channel.rawValue else {
            // Only a word of the contract is repeated: any other text is content.
            let other = ChannelName(rawValue: found).map { "the channel \($0.rawValue)" } ?? "another channel"
            throw NotificationFault(
                code: "wrong_channel", message: "the notification is for \(other), not for \(channel.rawValue)")
        }
    }

    // MARK: - Optional fields

    func optionalText(_ key: StaticString) throws(NotificationFault) -> String? {
        try optional(key, .string).map(Self.text)
    }

    func optionalTime(_ key: StaticString) throws(NotificationFault) -> UnixTime? {
        guard let field = try optional(key, .string) else { return nil }
        guard let time = field.hasEscapes ? UnixTime(rfc3339: Self.text(field)) : UnixTime(rfc3339: field.raw) else {
            throw NotificationFault(code: "bad_value", message: "\(name(key)) is not an RFC 3339 time")
        }
        return time
    }

    func optionalJSON(_ key: StaticString, _ kind: JSONKind) throws(NotificationFault) -> [UInt8]? {
        try optional(key, kind).map { Array($0.json) }
    }

    /// A word or its rank; `normal` where it is absent.
    func priority(_ key: StaticString) throws(NotificationFault) -> Priority {
        guard let field = value.member(key), !field.isNull else { return .normal }
        let found =
            switch field.kind {
            case .string: Priority.allCases.first { Self.holds(field, $0.word) }
            case .number: field.integer.flatMap(Priority.init(rawValue:))
            default: throw wrongType(key, "a string")
            }
        guard let found else {
            throw NotificationFault(
                code: "bad_value", message: "\(name(key)) is not one of low, normal, high, critical")
        }
        return found
    }

    // MARK: - Members

    private func required(_ key: StaticString, _ kind: JSONKind) throws(NotificationFault) -> JSONValue {
        guard let field = try optional(key, kind) else {
            throw NotificationFault(code: "missing_field", message: "\(name(key)) is missing")
        }
        return field
    }

    private func optional(_ key: StaticString, _ kind: JSONKind) throws(NotificationFault) -> JSONValue? {
        guard let field = value.member(key), !field.isNull else { return nil }
        guard field.kind == kind else {
            throw wrongType(key, kind == .object ? "an object" : kind == .array ? "an array" : "a string")
        }
        return field
    }

    private func wrongType(_ key: StaticString, _ wanted: String) -> NotificationFault {
        NotificationFault(code: "wrong_type", message: "\(name(key)) is not \(wanted)")
    }

    private func name(_ key: StaticString) -> String { path.map { "\($0).\(key)" } ?? "\(key)" }

    /// Whether the field's text is `word`, without a copy of it.
    private static func holds(_ field: JSONValue, _ word: String) -> Bool {
        var word = word
        return word.withUTF8 { field.equals(UnsafeRawBufferPointer($0)) }
    }

    private static func text(_ field: JSONValue) -> String {
        field.hasEscapes ? field.string : String(decoding: field.raw, as: UTF8.self)
    }
}
