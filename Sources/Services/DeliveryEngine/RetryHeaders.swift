internal import DeadLetters
internal import Kafka
internal import Notifications
internal import Time

/// The headers of records that go to a retry topic: theirs byte for byte, ours replaced and never doubled.
enum RetryHeaders {
    /// The state of a retried record, as its headers tell it.
    struct State: Equatable {
        /// Attempts that counted.
        var attempts: Int
        var firstFailure: UnixTime
        var notBefore: UnixTime
    }

    static func make(_ record: OwnedRecord, state: State, origin: RecordOrigin) -> RecordHeaders {
        var headers = record.headers
        headers.set(WireHeader.retryAttempt.text, String(state.attempts))
        headers.set(WireHeader.retryFirstFailure.text, String(state.firstFailure.milliseconds))
        headers.set(WireHeader.retryNotBefore.text, String(state.notBefore.milliseconds))
        headers.set(WireHeader.retryOrigin.text, origin.text)
        return headers
    }
}
