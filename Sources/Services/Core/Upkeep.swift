internal import Kafka
internal import Lifecycle
internal import Notifications
internal import Routing
internal import Telemetry

/// What the owner thread does beside the records: takes a new configuration, follows the contacts' topic, measures
/// the lag.
final class Upkeep {
    private static let lagInterval = Duration.seconds(2)

    private let settings: CoreSettings
    private let mapping: Mapping
    private let consumer: Consumer
    private let state: CoreState
    /// The contacts in use, and the topic they follow.
    private var feed: ContactFeed
    /// A new configuration whose contacts are still being read; the old one counts until they are complete.
    private var next: (configuration: CoreConfiguration, feed: ContactFeed)?
    private var nextLag = ContinuousClock.now
    private let log = Log()

    /// - Parameter feed: the configuration's contacts.
    init(
        _ configuration: CoreConfiguration, feed: ContactFeed, mapping: Mapping, consumer: Consumer, state: CoreState
    ) {
        settings = configuration.settings
        self.mapping = mapping
        self.consumer = consumer
        self.state = state
        self.feed = feed
    }

    /// Reads the contacts' topic to its end, where one is configured: without it users would look unknown.
    func readContacts(until deadline: ContinuousClock.Instant) throws(KafkaError) {
        while !feed.isComplete, !state.stop.isOpen {
            state.watchdog.beat()
            guard ContinuousClock.now < deadline else {
                throw KafkaError(
                    code: "_TIMED_OUT", message: "the contacts' topic could not be read to its end in time")
            }
            feed.follow(timeout: .milliseconds(100))
        }
        mapping.metrics.contacts.set(feed.contacts.count)
        log.info("contacts_read", "The contacts are known.", [LogField("contacts", feed.contacts.count)])
    }

    /// Whether a new configuration can only go on between two transactions.
    var waitsForCommit: Bool { state.reloads.count > 0 || next?.feed.isComplete == true }

    /// One round; cheap when there is nothing to do.
    ///
    /// - Parameter betweenTransactions: whether routes may change now: one transaction has one table. What a new one
    ///   needs is asked of the cluster then, too, which may take longer than a transaction may be open.
    func run(betweenTransactions: Bool) {
        if betweenTransactions {
            // The last one counts; to ask the cluster about each would take long.
            if let configuration = state.reloads.takeAll().last { prepare(configuration) }
        }
        if let next {
            next.feed.follow(timeout: .zero)
            if betweenTransactions, next.feed.isComplete { replace(with: next.configuration, next.feed) }
        }
        feed.follow(timeout: .zero)
        if nextLag <= .now { measure(betweenTransactions: betweenTransactions) }
    }

    private func prepare(_ configuration: CoreConfiguration) {
        do throws(KafkaError) {
            // The brokers and topics stay as they were at the start.
            try open(configuration.table.channels)
            next = (configuration, try ContactFeed(settings, contacts: configuration.contacts, timeout: .seconds(5)))
        } catch {
            mapping.metrics.refusedReloads.increment()
            log.error(
                "reload_refused", "A topic is not there; the old routes and contacts stay.",
                [LogField("reason", error.text)])
        }
    }

    /// Makes sure that the topics of channels which no route has used so far exist.
    private func open(_ channels: Set<ChannelName>) throws(KafkaError) {
        let new = mapping.outputs.unopened(channels)
        guard !new.isEmpty else { return }
        let outcome = try TopicPreflight(settings.kafka).wait(
            for: settings.notificationTopics(of: new), timeout: .seconds(2), shouldStop: { state.stop.isOpen },
            onChange: { _ in })
        guard outcome == .ready else {
            throw KafkaError(code: "_UNKNOWN_TOPIC", message: outcome.sentence(settings))
        }
        try mapping.outputs.open(new, timeout: .seconds(2))
    }

    private func replace(with configuration: CoreConfiguration, _ feed: ContactFeed) {
        mapping.use(configuration.table, feed.contacts)
        self.feed = feed
        next = nil
        mapping.metrics.reloads.increment()
        log.info(
            "routes_replaced", "Routes, templates and contacts are new.",
            [LogField("routes", configuration.table.routeNames.count), LogField("contacts", feed.contacts.count)])
    }

    private func measure(betweenTransactions: Bool) {
        // Statistics and errors of the producer arrive inside of its calls, of which an idle core makes none.
        mapping.outputs.serve()
        feed.takeNewPartitions()
        nextLag = .now + Self.lagInterval
        mapping.metrics.contacts.set(feed.contacts.count)
        let partitions = consumer.assignment.map { place in
            (place: place, lag: consumer.progress(of: place).map { $0.end - $0.position })
        }
        mapping.metrics.measure(partitions)
        // An open transaction is work already.
        guard betweenTransactions else { return }
        let isBehind = partitions.contains { $0.lag ?? 0 > 0 && !consumer.isAtEnd($0.place) }
        isBehind ? state.progress.workWaits() : state.progress.advance()
    }
}
