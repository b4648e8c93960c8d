package import Events
package import Kafka
internal import Notifications

/// The record that takes a rejected event to `events.dlq`: its bytes, its key and its headers as they came, with the
/// reason beside them. Not for the hot path.
package struct DeadLetter {
    /// How much of the record is kept: less with every refusal of the topic.
    package enum Form: Sendable, CaseIterable {
        case whole
        /// The first bytes of the value.
        case truncated
        /// Of the key, too, and none of the headers that came with the record.
        case bare
    }

    /// How much is kept of a value, or of a key, that is too large even for the dead letter topic.
    package static let truncatedBytes = 64 << 10
    /// Error messages are cut to this many bytes.
    package static let messageBytes = 1024

    package let key: [UInt8]?
    package let value: [UInt8]?
    package let headers: RecordHeaders

    /// - Parameters:
    ///   - group: the consumer group that rejected it.
    ///   - form: what the topic may take.
    package init(of record: OwnedRecord, because rejection: Rejection, group: String, form: Form) {
        let size = record.value?.count ?? 0
        key = form == .bare ? Self.start(of: record.key) : record.key
        value = form == .whole ? record.value : Self.start(of: record.value)
        var headers = form == .bare ? Self.ownHeaders(of: record) : record.headers
        if form == .bare || form == .truncated && size > Self.truncatedBytes {
            headers.set(WireHeader.truncated.text, "\(size)")
        }
        let message = Self.cut(rejection.message)
        Self.setOwn(&headers, record, rejection, message: message, group: group)
        Self.setSpring(&headers, record, rejection, message: message, group: group)
        self.headers = headers
    }

    private static func start(of bytes: [UInt8]?) -> [UInt8]? { bytes.map { Array($0.prefix(truncatedBytes)) } }

    /// What counts on from dead letter to dead letter; every other header of ours is made anew.
    private static func ownHeaders(of record: OwnedRecord) -> RecordHeaders {
        var headers = RecordHeaders()
        if let count = record.headers.text(WireHeader.redriveCount.text).flatMap(Int.init) {
            headers.set(WireHeader.redriveCount.text, "\(count)")
        }
        return headers
    }

    private static func setOwn(
        _ headers: inout RecordHeaders, _ record: OwnedRecord, _ rejection: Rejection, message: String, group: String
    ) {
        headers.set(WireHeader.originalTopic.text, record.topic)
        headers.set(WireHeader.originalPartition.text, "\(record.partition)")
        headers.set(WireHeader.originalOffset.text, "\(record.offset)")
        headers.set(WireHeader.originalTimestamp.text, "\(record.timestamp)")
        headers.set(WireHeader.originalGroup.text, group)
        headers.set(WireHeader.errorClass.text, rejection.class.rawValue)
        headers.set(WireHeader.errorCode.text, rejection.code)
        headers.set(WireHeader.errorMessage.text, message)
        headers.set(WireHeader.errorStage.text, rejection.stage.rawValue)
        headers.set(WireHeader.retryAttempt.text, "0")
        if headers.text(WireHeader.redriveCount.text).flatMap(Int.init) == nil {
            headers.set(WireHeader.redriveCount.text, "0")
        }
    }

    private static func setSpring(
        _ headers: inout RecordHeaders, _ record: OwnedRecord, _ rejection: Rejection, message: String, group: String
    ) {
        headers.set(WireHeader.springOriginalTopic.text, record.topic)
        headers.set(WireHeader.springOriginalPartition.text, bigEndian(record.partition))
        headers.set(WireHeader.springOriginalOffset.text, bigEndian(record.offset))
        headers.set(WireHeader.springOriginalTimestamp.text, bigEndian(record.timestamp))
        headers.set(WireHeader.springOriginalTimestampType.text, record.timestampType)
        headers.set(WireHeader.springOriginalGroup.text, group)
        headers.set(WireHeader.springExceptionClass.text, "notificationhub.Rejection")
        headers.set(WireHeader.springExceptionCauseClass.text, "notificationhub.\(rejection.class.rawValue)")
        headers.set(WireHeader.springExceptionMessage.text, message)
    }

    private static func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { [UInt8]($0) }
    }

    /// The start of a text, at a character's border.
    private static func cut(_ text: String) -> String {
        guard text.utf8.count > messageBytes else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: messageBytes)
        while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return String(text[..<end])
    }
}
