internal import JSONBytes

/// What a record's headers say about the event: the mode, and in binary mode its attributes.
///
/// Names are read without regard to case and with `ce-` as well as `ce_`, of doubled headers the last counts, and an
/// empty value counts as absent.
struct EventHeaders {
    enum Mode {
        case plain, binary, structured
    }

    private(set) var mode = Mode.plain
    private(set) var id: UnsafeRawBufferPointer?
    private(set) var type: UnsafeRawBufferPointer?
    private(set) var source: UnsafeRawBufferPointer?
    private(set) var subject: UnsafeRawBufferPointer?
    private(set) var time: UnsafeRawBufferPointer?
    private var version: UnsafeRawBufferPointer?
    private var contentType: UnsafeRawBufferPointer?

    init(_ headers: borrowing [InputHeader]) throws(Rejection) {
        guard !headers.isEmpty else { return }
        for position in headers.indices { set(headers[position]) }
        if let contentType, MediaType(contentType).isCloudEvents {
            guard MediaType(contentType).isCloudEventsJSON else {
                throw .malformed(
                    "unsupported_content_type", "the content-type announces CloudEvents in a form that is not read here"
                )
            }
            mode = .structured
        } else if version != nil || type != nil {
            mode = .binary
            try check()
        }
    }

    private mutating func set(_ header: InputHeader) {
        let name = header.name
        let value = header.value.flatMap { $0.isEmpty ? nil : $0 }
        if name.equalsIgnoringCase("content-type") { contentType = value }
        guard name.startsIgnoringCase("ce_") || name.startsIgnoringCase("ce-") else { return }
        let attribute = UnsafeRawBufferPointer(rebasing: name.dropFirst(3))
        if attribute.equalsIgnoringCase("id") {
            id = value
        } else if attribute.equalsIgnoringCase("type") {
            type = value
        } else if attribute.equalsIgnoringCase("source") {
            source = value
        } else if attribute.equalsIgnoringCase("subject") {
            subject = value
        } else if attribute.equalsIgnoringCase("time") {
            time = value
        } else if attribute.equalsIgnoringCase("specversion") {
            version = value
        }
    }

    private func check() throws(Rejection) {
        if let version { try Self.check(version: version) }
        try Self.checkUTF8(id, "ce_id")
        try Self.checkUTF8(type, "ce_type")
        try Self.checkUTF8(source, "ce_source")
        try Self.checkUTF8(subject, "ce_subject")
    }

    private static func checkUTF8(_ value: UnsafeRawBufferPointer?, _ name: StaticString) throws(Rejection) {
        if let value, !UTF8Sequence.isValid(value) { throw .malformed("invalid_utf8", "\(name) is not UTF-8") }
    }

    /// Every 1.x is written `1.0`.
    static func check(version: UnsafeRawBufferPointer) throws(Rejection) {
        guard version.equalsIgnoringCase("1.0") else {
            throw .malformed("unsupported_specversion", "the CloudEvent's specversion is not 1.0")
        }
    }
}
