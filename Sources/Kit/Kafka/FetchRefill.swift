internal import CRdKafka

/// Makes librdkafka fetch on as soon as there is room, so that little must be fetched ahead.
///
/// The thread of a broker that finds as much fetched ahead as is allowed looks again a second later, whatever is taken
/// in the meantime. Since librdkafka 2.2 a property says how much later. Before, something has to wake the thread, and
/// the one call that does nothing else is to set the credentials that the client has already.
struct FetchRefill {
    /// By version since ``properties`` has what is needed, nil when the wake must not be used.
    private let credentials: (username: String, password: String)?
    private let step: (records: Int, bytes: Int)
    private var taken = (records: 0, bytes: 0)

    /// What makes librdkafka do it by itself, where it can.
    static let properties = LibraryVersion.hasRefillProperty ? [("fetch.queue.backoff.ms", "10")] : []

    /// Whether the room is filled at once. Not with Kerberos and a librdkafka before 2.2: credentials that it does not
    /// have by name cannot be set again.
    static func isPrompt(_ security: KafkaSettings.Security) -> Bool {
        LibraryVersion.hasRefillProperty || security.username != nil || !security.protocolName.hasPrefix("sasl")
    }

    /// - Parameters:
    ///   - records: as many may be fetched ahead,
    ///   - bytes: and as many bytes of them.
    init(_ security: KafkaSettings.Security, records: Int, bytes: Int) {
        let isNeeded = !LibraryVersion.hasRefillProperty && Self.isPrompt(security)
        credentials = isNeeded ? (security.username ?? "", security.password ?? "") : nil
        step = (max(1, records / 8), max(1, bytes / 8))
    }

    /// Counts a record that was taken.
    mutating func took(bytes: Int, from handle: ClientHandle) {
        guard let credentials else { return }
        taken.records += 1
        taken.bytes += bytes
        guard taken.records >= step.records || taken.bytes >= step.bytes else { return }
        taken = (0, 0)
        if let error = rd_kafka_sasl_set_credentials(handle.pointer, credentials.username, credentials.password) {
            // It refuses nothing but missing arguments.
            _ = KafkaError(taking: error)
        }
    }
}
