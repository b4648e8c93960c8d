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
        let result = rd_kafka_conf_set(pointer, name, value, &text, text.count)
        guard result != RD_KAFKA_CONF_OK else { return }
        guard result != RD_KAFKA_CONF_UNKNOWN else {
            throw KafkaError(
                code: Self.unknownProperty, message: "unknown key, and no property of librdkafka", isFatal: true)
        }
        let message = text.withUnsafeBufferPointer { buffer in buffer.baseAddress.map { String(cString: $0) } }
        throw KafkaError(code: Self.invalid, message: message ?? "cannot set \(name)", isFatal: true)
    }

    /// The code of an error about a value, or about several that do not go together.
    static let invalid = "_INVALID_ARG"
    /// The code of an error about a name that librdkafka does not know.
    static let unknownProperty = "_UNKNOWN_PROPERTY"

    /// The names that librdkafka knows, but for aliases and properties without a value.
    var propertyNames: [String] {
        var count = 0
        guard let pairs = rd_kafka_conf_dump(pointer, &count) else { return [] }
        defer { rd_kafka_conf_dump_free(pairs, count) }
        return stride(from: 0, to: count, by: 2).compactMap { pairs[$0].map { String(cString: $0) } }
    }

    /// Gives the configuration away.
    func release() -> OpaquePointer? {
        defer { pointer = nil }
        return pointer
    }
}
