internal import Kafka
internal import Lifecycle
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

    init(_ configuration: CoreConfiguration, mapping: Mapping, consumer: Consumer, state: CoreState) throws(KafkaError)
    {
        settings = configuration.settings
        self.mapping = mapping
        self.consumer = consumer
        self.state = state
        feed = try ContactFeed(settings, contacts: configuration.contacts)
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

    /// One round; cheap when there is nothing to do.
    ///
    /// - Parameter betweenTransactions: whether routes may change now: one transaction has one table.
    func run(betweenTransactions: Bool) {
        for configuration in state.reloads.takeAll() { prepare(configuration) }
        if let next {
            next.feed.follow(timeout: .zero)
            if betweenTransactions, next.feed.isComplete { replace(with: next.configuration, next.feed) }
        }
        feed.follow(timeout: .zero)
        if nextLag <= .now { measure() }
    }

    private func prepare(_ configuration: CoreConfiguration) {
        do throws(KafkaError) {
            // The brokers and topics stay as they were at the start.
            next = (configuration, try ContactFeed(settings, contacts: configuration.contacts))
        } catch {
            mapping.metrics.refusedReloads.increment()
            log.error(
                "reload_refused", "The contacts' topic cannot be read; the old routes and contacts stay.",
                [LogField("reason", error.text)])
        }
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

    private func measure() {
        nextLag = .now + Self.lagInterval
        mapping.metrics.contacts.set(feed.contacts.count)
        for place in consumer.assignment {
            guard let progress = consumer.progress(of: place) else { continue }
            mapping.metrics.setLag(progress.end - progress.position, topic: place.topic, partition: place.partition)
        }
    }
}
