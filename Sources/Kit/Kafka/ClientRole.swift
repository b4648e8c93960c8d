/// What a client of one kind is made of: whoever makes such a client, and whoever only tries one, takes it from here.
package struct ClientRole: Sendable {
    /// Whether it reads; else it writes.
    let isConsumer: Bool
    /// Whether it becomes a member of its group.
    let joinsGroup: Bool
    var kafka: KafkaSettings
    /// Properties that the settings' own may replace.
    let defaults: [(String, String)]
    /// Properties that nobody may replace.
    var fixed: [(String, String)]

    init(
        isConsumer: Bool, joinsGroup: Bool = false, kafka: KafkaSettings, defaults: [(String, String)] = [],
        fixed: [(String, String)] = []
    ) {
        self.isConsumer = isConsumer
        self.joinsGroup = joinsGroup
        self.kafka = kafka
        self.defaults = defaults
        self.fixed = fixed
    }

    /// Asks the cluster about topics, or to change them.
    package static func administrator(_ kafka: KafkaSettings) -> ClientRole {
        ClientRole(isConsumer: false, kafka: kafka, defaults: [("reconnect.backoff.max.ms", "1000")])
    }

    /// Reads the partitions that it is told to, each from where it is told to; joins no group and commits nothing.
    ///
    /// - Parameters:
    ///   - group: whose committed offsets it can tell; the client requires one.
    ///   - defaults: what it fetches ahead.
    static func reader(
        _ kafka: KafkaSettings, group: String? = nil, defaults: [(String, String)]
    ) -> ClientRole {
        let common = [
            ("allow.auto.create.topics", "false"), ("socket.nagle.disable", "true"),
            ("reconnect.backoff.max.ms", "2000"),
            // Of no meaning without a group, but it must not be below a session of the user's: the longest there is.
            ("max.poll.interval.ms", "3600000"),
        ]
        let fixed = [
            ("group.id", group ?? kafka.clientID), ("enable.auto.commit", "false"),
            ("enable.auto.offset.store", "false"), ("auto.offset.reset", "earliest"),
            ("isolation.level", "read_committed"), ("enable.partition.eof", "true"),
        ]
        return ClientRole(isConsumer: true, kafka: kafka, defaults: common + defaults, fixed: fixed)
    }

    /// Why the librdkafka that is loaded must not be used for it; nil for nothing.
    var unsafety: String? {
        guard joinsGroup, !LibraryVersion.canCooperate,
            kafka.property("partition.assignment.strategy")?.contains("cooperative") == true
        else { return nil }
        return "cooperative groups (partition.assignment.strategy) need librdkafka 2.6.1 or newer: with "
            + "\(LibraryVersion.name) they crash or stop; use range or roundrobin"
    }

    /// Makes such a client and drops it: some properties librdkafka compares with each other, and files it opens, only
    /// then. Takes a few milliseconds and connects to nothing.
    ///
    /// - Returns: librdkafka's objection; nil where it has none.
    var objection: String? {
        // The client of OpenID Connect asks for its token as soon as it is made.
        guard kafka.property("sasl.oauthbearer.method")?.lowercased() != "oidc" else { return nil }
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
