internal import Events
internal import Kafka
internal import Notifications

/// The headers that a dead letter has beside its record's: replaced and never doubled, in our words and in Spring's.
enum DeadLetterHeaders {
    static func make(
        _ record: OwnedRecord, _ origin: RecordOrigin, _ reason: DeadLetter.Reason, attempts: Int
    ) -> RecordHeaders {
        var headers = record.headers
        if !isOfEvent(stage: reason.stage) { remove(ended, from: &headers) }
        // Says that a letter is cut, which only this one can know of itself.
        headers.remove(WireHeader.truncated.text)
        let message = HeaderText.shortened(reason.message)
        headers.set(WireHeader.originalTopic.text, origin.topic)
        headers.set(WireHeader.originalPartition.text, "\(origin.partition)")
        headers.set(WireHeader.originalOffset.text, "\(origin.offset)")
        headers.set(WireHeader.originalTimestamp.text, "\(origin.timestamp)")
        headers.set(WireHeader.originalGroup.text, origin.group)
        headers.set(WireHeader.errorClass.text, reason.class.rawValue)
        headers.set(WireHeader.errorCode.text, HeaderText.shortened(reason.code))
        headers.set(WireHeader.errorMessage.text, message)
        headers.set(WireHeader.errorStage.text, reason.stage)
        headers.set(WireHeader.retryAttempt.text, "\(attempts)")
        let redrives = headers.text(WireHeader.redriveCount.text).flatMap { Int($0) } ?? 0
        headers.set(WireHeader.redriveCount.text, "\(max(0, redrives))")
        setSpringNames(&headers, record, origin, reason, message)
        return headers
    }

    private static func setSpringNames(
        _ headers: inout RecordHeaders, _ record: OwnedRecord, _ origin: RecordOrigin, _ reason: DeadLetter.Reason,
        _ message: String
    ) {
        headers.set(WireHeader.springOriginalTopic.text, origin.topic)
        headers.set(WireHeader.springOriginalPartition.text, bigEndian(origin.partition))
        headers.set(WireHeader.springOriginalOffset.text, bigEndian(origin.offset))
        headers.set(WireHeader.springOriginalTimestamp.text, bigEndian(origin.timestamp))
        headers.set(WireHeader.springOriginalTimestampType.text, record.timestampType)
        headers.set(WireHeader.springOriginalGroup.text, origin.group)
        headers.set(WireHeader.springExceptionClass.text, "notificationhub.Rejection")
        headers.set(WireHeader.springExceptionCauseClass.text, "notificationhub.\(reason.class.rawValue)")
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

    /// What a retry says of its next attempt and of its way back: it ends with the letter.
    private static let ended = [WireHeader.retryNotBefore, WireHeader.retryOrigin]

    /// Takes away what retries and a dead letter have added to a record's headers.
    ///
    /// - Parameter stage: where the letter was made.
    static func removeAdded(from headers: inout RecordHeaders, stage: String?) {
        remove(ownNames, from: &headers)
        if !isOfEvent(stage: stage) { remove([WireHeader.retryFirstFailure] + ended, from: &headers) }
    }

    /// Only notifications are retried: headers of these names that an event has brought along are its own.
    private static func isOfEvent(stage: String?) -> Bool { stage.flatMap(Rejection.Stage.init) != nil }

    private static func remove(_ names: [HeaderName], from headers: inout RecordHeaders) {
        for name in names { headers.remove(name.text) }
    }

    /// A dead letter's headers without those that came with the record.
    static func own(among headers: RecordHeaders) -> RecordHeaders {
        var own = RecordHeaders()
        for name in ownNames {
            guard let value = headers[name.text] else { continue }
            own.append(name.text, Array(value.prefix(HeaderText.maximumBytes)))
        }
        return own
    }

    private static func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { [UInt8]($0) }
    }
}
