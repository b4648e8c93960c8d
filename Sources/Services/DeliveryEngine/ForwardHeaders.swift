internal import Delivery
internal import Kafka
internal import Notifications
internal import Time

/// The headers of records that are handed on: theirs byte for byte, ours replaced and never doubled.
enum ForwardHeaders {
    /// The longest error message in a header, in bytes.
    static let maximumMessageBytes = 1_024

    /// The state of a retried record, as its headers tell it.
    struct RetryState: Equatable {
        /// Attempts that counted.
        var attempts: Int
        var firstFailure: UnixTime
        var notBefore: UnixTime
    }

    static func retry(_ record: OwnedRecord, state: RetryState, origin: RecordOrigin) -> RecordHeaders {
        var headers = record.headers
        headers.set(WireHeader.retryAttempt.text, String(state.attempts))
        headers.set(WireHeader.retryFirstFailure.text, String(state.firstFailure.milliseconds))
        headers.set(WireHeader.retryNotBefore.text, String(state.notBefore.milliseconds))
        headers.set(WireHeader.retryOrigin.text, origin.text)
        return headers
    }

    /// Why a record is a dead letter.
    struct Reason: Equatable {
        var deadLetter: DeadLetterClass
        var code: String
        var message: String
        /// The part of the work that gave up: `decode`, `prepare`, `deliver`, `wait`.
        var stage: String
    }

    static func deadLetter(
        _ record: OwnedRecord, reason: Reason, attempts: Int, origin: RecordOrigin
    ) -> RecordHeaders {
        var headers = record.headers
        headers.remove(WireHeader.retryNotBefore.text)
        headers.remove(WireHeader.retryOrigin.text)
        let message = shortened(reason.message)
        headers.set(WireHeader.originalTopic.text, origin.topic)
        headers.set(WireHeader.originalPartition.text, String(origin.partition))
        headers.set(WireHeader.originalOffset.text, String(origin.offset))
        headers.set(WireHeader.originalTimestamp.text, String(origin.timestamp))
        headers.set(WireHeader.originalGroup.text, origin.group)
        headers.set(WireHeader.errorClass.text, reason.deadLetter.rawValue)
        headers.set(WireHeader.errorCode.text, shortened(reason.code))
        headers.set(WireHeader.errorMessage.text, message)
        headers.set(WireHeader.errorStage.text, reason.stage)
        headers.set(WireHeader.retryAttempt.text, String(attempts))
        let redrives = headers.text(WireHeader.redriveCount.text).flatMap { Int($0) } ?? 0
        headers.set(WireHeader.redriveCount.text, String(max(0, redrives)))
        setSpringNames(&headers, record, reason, message, origin)
        return headers
    }

    private static func setSpringNames(
        _ headers: inout RecordHeaders, _ record: OwnedRecord, _ reason: Reason, _ message: String,
        _ origin: RecordOrigin
    ) {
        headers.set(WireHeader.springOriginalTopic.text, origin.topic)
        headers.set(WireHeader.springOriginalPartition.text, bigEndian(origin.partition))
        headers.set(WireHeader.springOriginalOffset.text, bigEndian(origin.offset))
        headers.set(WireHeader.springOriginalTimestamp.text, bigEndian(origin.timestamp))
        headers.set(WireHeader.springOriginalTimestampType.text, record.timestampType)
        headers.set(WireHeader.springOriginalGroup.text, origin.group)
        headers.set(WireHeader.springExceptionClass.text, "notificationhub.Rejection")
        headers.set(WireHeader.springExceptionCauseClass.text, "notificationhub.\(reason.deadLetter.rawValue)")
        headers.set(WireHeader.springExceptionMessage.text, message)
    }

    private static let ownNames = [
        WireHeader.originalTopic, WireHeader.originalPartition, WireHeader.originalOffset,
        WireHeader.originalTimestamp, WireHeader.originalGroup, WireHeader.errorClass, WireHeader.errorCode,
        WireHeader.errorMessage, WireHeader.errorStage, WireHeader.retryAttempt, WireHeader.redriveCount,
        WireHeader.truncated, WireHeader.springOriginalTopic, WireHeader.springOriginalPartition,
        WireHeader.springOriginalOffset, WireHeader.springOriginalTimestamp,
        WireHeader.springOriginalTimestampType, WireHeader.springOriginalGroup, WireHeader.springExceptionClass,
        WireHeader.springExceptionCauseClass, WireHeader.springExceptionMessage,
    ]

    /// A dead letter's headers without those that came with the record.
    static func own(of headers: RecordHeaders) -> RecordHeaders {
        var own = RecordHeaders()
        for name in ownNames {
            guard let value = headers[name.text] else { continue }
            own.append(name.text, Array(value.prefix(maximumMessageBytes)))
        }
        return own
    }

    private static func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { [UInt8]($0) }
    }

    /// Cut at a character's edge.
    static func shortened(_ text: String) -> String {
        guard text.utf8.count > maximumMessageBytes else { return text }
        var result = ""
        var size = 0
        for character in text {
            size += character.utf8.count
            if size > maximumMessageBytes { break }
            result.append(character)
        }
        return result
    }
}
