internal import CRdKafka

/// A librdkafka configuration that is being built; a handle that is made from it takes it over.
final class Configuration {
    private(set) var pointer: OpaquePointer?

    init() { pointer = rd_kafka_conf_new() }

    deinit {
        if let pointer { rd_kafka_conf_destroy(pointer) }
    }

    func set(_ name: String, _ value: String) throws(KafkaError) {
        var text = [CChar](repeating: 0, count: 512)
        guard rd_kafka_conf_set(pointer, name, value, &text, text.count) != RD_KAFKA_CONF_OK else { return }
        let message = text.withUnsafeBufferPointer { buffer in buffer.baseAddress.map { String(cString: $0) } }
        throw KafkaError(code: "_INVALID_ARG", message: message ?? "cannot set \(name)", isFatal: true)
    }

    /// Gives the configuration away.
    func release() -> OpaquePointer? {
        defer { pointer = nil }
        return pointer
    }
}
