/// What a client of one kind is made of: whoever makes such a client, and whoever only tries one, takes it from here.
package struct ClientRole: Sendable {
    /// Whether it reads; else it writes.
    let isConsumer: Bool
    var kafka: KafkaSettings
    /// Properties that the settings' own may replace.
    let defaults: [(String, String)]
    /// Properties that nobody may replace.
    var fixed: [(String, String)]

    init(
        isConsumer: Bool, kafka: KafkaSettings, defaults: [(String, String)] = [], fixed: [(String, String)] = []
    ) {
        self.isConsumer = isConsumer
        self.kafka = kafka
        self.defaults = defaults
        self.fixed = fixed
    }

    /// Asks the cluster about topics, or to change them.
    package static func administrator(_ kafka: KafkaSettings) -> ClientRole {
        ClientRole(isConsumer: false, kafka: kafka, defaults: [("reconnect.backoff.max.ms", "1000")])
    }

    /// Makes such a client and drops it: some properties librdkafka compares with each other, and files it opens, only
    /// then. Takes a few milliseconds and connects to nothing.
    ///
    /// - Returns: librdkafka's objection; nil where it has none.
    var objection: String? {
        // The client of OpenID Connect asks for its token as soon as it is made.
        let method = kafka.properties.last { $0.name == "sasl.oauthbearer.method" }?.value
        guard method?.lowercased() != "oidc" else { return nil }
        var role = self
        role.kafka.brokers = ""
        role.kafka.log = nil
        role.kafka.statistics = nil
        // And that of Kerberos, which is librdkafka's default, for a ticket.
        if kafka.security.usesKerberos { role.fixed.append(("sasl.kerberos.min.time.before.relogin", "0")) }
        do throws(KafkaError) {
            _ = try ClientHandle(role, context: CallbackContext())
            return nil
        } catch {
            return error.message
        }
    }
}
