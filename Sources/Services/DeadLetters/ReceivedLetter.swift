package import Kafka
internal import Notifications

/// A dead letter, read back from its topic: what its headers say, and how it goes back to where it came from.
package struct ReceivedLetter: Sendable {
    package let record: OwnedRecord
    /// Where it stood when it became a dead letter; nil where somebody else has put it here.
    package let origin: RecordOrigin?
    package let errorClass: String?
    package let code: String?
    package let message: String?
    package let stage: String?
    package let attempts: Int?
    /// How often it was sent back.
    package let redrives: Int
    /// The size of a value of which only the beginning is left.
    package let truncatedFrom: Int?

    package init(_ record: OwnedRecord) {
        self.record = record
        let headers = record.headers
        origin = Self.origin(headers)
        errorClass = headers.text(WireHeader.errorClass.text)
        code = headers.text(WireHeader.errorCode.text)
        message = headers.text(WireHeader.errorMessage.text)
        stage = headers.text(WireHeader.errorStage.text)
        attempts = headers.text(WireHeader.retryAttempt.text).flatMap { Int($0) }
        redrives = max(0, headers.text(WireHeader.redriveCount.text).flatMap { Int($0) } ?? 0)
        truncatedFrom = headers.text(WireHeader.truncated.text).map { Int($0) ?? 0 }
    }

    /// Only our own headers make a letter ours: nobody's guess decides where a record is sent.
    private static func origin(_ headers: RecordHeaders) -> RecordOrigin? {
        guard let topic = headers.text(WireHeader.originalTopic.text),
            let partition = headers.text(WireHeader.originalPartition.text),
            let offset = headers.text(WireHeader.originalOffset.text), headers[WireHeader.errorClass.text] != nil
        else { return nil }
        let timestamp = headers.text(WireHeader.originalTimestamp.text) ?? "-1"
        let group = headers.text(WireHeader.originalGroup.text) ?? ""
        return RecordOrigin("\(topic)/\(partition)/\(offset)/\(timestamp)/\(group)")
    }

    /// The headers of the record that goes back: those it came with, byte for byte and in their order, without what
    /// retries and the dead letter have added, and the number of redrives, this one included.
    package var redriveHeaders: RecordHeaders {
        var headers = record.headers
        DeadLetterHeaders.removeAdded(from: &headers, stage: stage)
        headers.set(WireHeader.redriveCount.text, "\(redrives + 1)")
        return headers
    }
}
