internal import CRdKafka

/// One text of librdkafka's statistics: JSON, as its STATISTICS.md describes it.
package final class KafkaStatisticsText: @unchecked Sendable {
    // Safe because nobody writes to the bytes.
    private let bytes: UnsafeMutableRawBufferPointer

    init(taking text: UnsafeMutablePointer<CChar>, length: Int) {
        bytes = UnsafeMutableRawBufferPointer(start: text, count: length)
    }

    deinit { rd_kafka_mem_free(nil, bytes.baseAddress) }

    /// Lends the JSON.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) { try body(UnsafeRawBufferPointer(bytes)) }
    }
}
