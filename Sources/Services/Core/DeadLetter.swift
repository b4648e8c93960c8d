package import Events
package import Kafka
internal import Notifications

/// The record that takes a rejected event to `events.dlq`: its bytes, its key and its headers as they came, with the
/// reason beside them. Not for the hot path.
package struct DeadLetter {
    /// How much is kept of a value that is too large even for the dead letter topic.
    package static let truncatedBytes = 64 << 10
    /// Error messages are cut to this many bytes.
    package static let messageBytes = 1024

    package let key: [UInt8]?
    package let value: [UInt8]?
    package let headers: RecordHeaders

    /// - Parameters:
    ///   - group: the consumer group that rejected it.
    ///   - truncated: whether the topic has refused the whole value.
    package init(of record: OwnedRecord, because rejection: Rejection, group: String, truncated: Bool) {
        key = record.key
        var headers = record.headers
        if truncated, let whole = record.value, whole.count > Self.truncatedBytes {
            value = Array(whole.prefix(Self.truncatedBytes))
            headers.set(WireHeader.truncated.text, "\(whole.count)")
        } else {
            value = record.value
        }
        let message = Self.cut(rejection.message)
        Self.setOwn(&headers, record, rejection, message: message, group: group)
        Self.setSpring(&headers, record, rejection, message: message, group: group)
        self.headers = headers
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
