/// The name of a Kafka record header: constant bytes, so that neither writing nor comparing allocates.
package struct HeaderName: Sendable {
    package let name: StaticString

    package init(_ name: StaticString) { self.name = name }

    /// The name's bytes; they live as long as the process.
    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    }

    package var text: String { name.description }

    /// Whether a record's header has this name; exact, as Kafka compares.
    package func matches(_ other: UnsafeRawBufferPointer) -> Bool {
        other.count == name.utf8CodeUnitCount && bytes.elementsEqual(other)
    }
}

/// Every record header name of the wire contract.
package enum WireHeader {
    // CloudEvents, Kafka binding, binary mode.
    package static let specVersion = HeaderName("ce_specversion")
    package static let id = HeaderName("ce_id")
    package static let source = HeaderName("ce_source")
    package static let type = HeaderName("ce_type")
    package static let time = HeaderName("ce_time")
    package static let subject = HeaderName("ce_subject")
    package static let contentType = HeaderName("content-type")

    // W3C Trace Context.
    package static let traceparent = HeaderName("traceparent")
    package static let tracestate = HeaderName("tracestate")

    // Retries. Times are unix milliseconds as text.
    package static let retryAttempt = HeaderName("x-retry-attempt")
    package static let retryFirstFailure = HeaderName("x-retry-first-failure")
    package static let retryNotBefore = HeaderName("x-retry-not-before")
    /// `topic/partition/offset/timestamp/group` of the record in the main topic.
    package static let retryOrigin = HeaderName("x-retry-origin")

    // Dead letters, all text. The original is the record of the main topic.
    package static let originalTopic = HeaderName("x-dlq-original-topic")
    package static let originalPartition = HeaderName("x-dlq-original-partition")
    package static let originalOffset = HeaderName("x-dlq-original-offset")
    package static let originalTimestamp = HeaderName("x-dlq-original-timestamp")
    package static let originalGroup = HeaderName("x-dlq-original-group")
    package static let errorClass = HeaderName("x-dlq-error-class")
    package static let errorCode = HeaderName("x-dlq-error-code")
    package static let errorMessage = HeaderName("x-dlq-error-message")
    package static let errorStage = HeaderName("x-dlq-error-stage")
    package static let redriveCount = HeaderName("x-dlq-redrive-count")
    /// The original size in bytes of a value that was too large for the dead letter topic.
    package static let truncated = HeaderName("x-dlq-truncated")

    // Spring Kafka's names for the same. Partition is a big-endian int32, offset and timestamp are big-endian int64.
    package static let springOriginalTopic = HeaderName("kafka_dlt-original-topic")
    package static let springOriginalPartition = HeaderName("kafka_dlt-original-partition")
    package static let springOriginalOffset = HeaderName("kafka_dlt-original-offset")
    package static let springOriginalTimestamp = HeaderName("kafka_dlt-original-timestamp")
    package static let springOriginalTimestampType = HeaderName("kafka_dlt-original-timestamp-type")
    package static let springOriginalGroup = HeaderName("kafka_dlt-original-consumer-group")
    package static let springExceptionClass = HeaderName("kafka_dlt-exception-fqcn")
    package static let springExceptionCauseClass = HeaderName("kafka_dlt-exception-cause-fqcn")
    package static let springExceptionMessage = HeaderName("kafka_dlt-exception-message")

    /// The constant values of a notification's CloudEvents headers.
    package static let specVersionValue: StaticString = "1.0"
    package static let sourceValue: StaticString = "/notificationhub/core"
    package static let contentTypeValue: StaticString = "application/json"
}
