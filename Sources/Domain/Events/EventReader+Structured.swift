internal import Digest
internal import JSONBytes

// A CloudEvent in structured mode: the whole event, attributes and data, is one JSON object.
extension EventReader {
    func structured(_ root: JSONValue, _ record: borrowing InputRecord) throws(Rejection) -> Event {
        guard root.kind == .object else {
            throw .malformed("not_an_object", "the CloudEvent is \(root.kind.words), not an object")
        }
        if let version = try string(root.member("specversion"), "specversion") {
            try EventHeaders.check(version: version)
        }
        guard let type = try string(root.member("type"), "type") else { throw Self.noType("type") }
        let subject = try string(root.member("subject"), "subject")
        let (time, moment) = time(try string(root.member("time"), "time"), record)
        let data = try structuredData(root)
        return Event(
            id: try identifier(root.member("id"), "id") ?? derivedID(record), type: type,
            source: try string(root.member("source"), "source") ?? record.topic, subject: subject, time: time,
            timestamp: moment, userID: try identifier(data.member("user_id"), "user_id") ?? subject, data: data)
    }

    /// A null is no second form of the data: some encoders write every member that they know. Alone, `data` may be null
    /// as any other JSON value.
    private func structuredData(_ root: JSONValue) throws(Rejection) -> JSONValue {
        let base64 = root.member("data_base64").flatMap { $0.isNull ? nil : $0 }
        let data = root.member("data").flatMap { $0.isNull && base64 != nil ? nil : $0 }
        switch (data, base64) {
        case (nil, nil): throw .malformed("no_data", "the CloudEvent has neither data nor data_base64")
        case (let data?, nil):
            // A string under a content type that is not JSON is that content, not JSON data.
            if data.kind == .string, let contentType = try string(root.member("datacontenttype"), "datacontenttype"),
                !MediaType(contentType).isJSON
            {
                throw .malformed("not_json", "the CloudEvent's data is not JSON: datacontenttype says otherwise")
            }
            return data
        case (nil, let base64?): return try decoded(base64)
        case (_?, _?): throw .malformed("two_data", "the CloudEvent has both data and data_base64")
        }
    }

    private func decoded(_ base64: JSONValue) throws(Rejection) -> JSONValue {
        guard let text = try string(base64, "data_base64"), let bytes = Base64.decode(text) else {
            throw .malformed("bad_base64", "data_base64 is not base64")
        }
        embeddedBytes.deallocate()
        embeddedBytes = .allocate(byteCount: max(bytes.count, 1), alignment: 1)
        embeddedBytes.copyBytes(from: bytes)
        return try parse(
            UnsafeRawBufferPointer(rebasing: embeddedBytes[..<bytes.count]), with: embedded, what: "data_base64")
    }
}
