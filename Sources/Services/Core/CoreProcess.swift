internal import CommandLineKit
internal import Kafka
internal import KafkaOperations
internal import Lifecycle
internal import Routing
internal import Telemetry
internal import Time
internal import Tracing
internal import Transfer

/// Builds the core and runs it: what must be there before the first event is read, in this order.
struct CoreProcess {
    private let configuration: CoreConfiguration
    private let context: ServiceContext<CoreConfiguration>
    private let registry: MetricsRegistry
    private let kafka: KafkaMetrics
    private let state: CoreState
    private let log = Log()

    private var settings: CoreSettings { configuration.settings }

    init(
        _ configuration: CoreConfiguration, context: ServiceContext<CoreConfiguration>, registry: MetricsRegistry,
        stallLimit: Duration
    ) {
        self.configuration = configuration
        self.context = context
        self.registry = registry
        kafka = KafkaMetrics(registry)
        state = CoreState(
            stop: context.stop, watchdogLimit: Self.watchdogLimit, stallLimit: stallLimit, kafka: kafka)
        ProcessMetrics.register(
            in: registry, version: ServiceVersion.current, waited: { [state] in state.progress.waited() },
            isReady: { [state] in state.ready })
    }

    /// A call of librdkafka may wait for a broker that went away during it, and comes back with it; where it may not come
    /// back at all, there is less to wait for.
    private static var watchdogLimit: Duration { .seconds(LibraryVersion.mayHangInCommit ? 60 : 120) }

    func run() throws(CoreFailure) {
        // The registry's metrics keep the state, and with it the watchdog, beyond the end.
        defer { state.watchdog.stop() }
        let hasEnded = Latch()
        defer { hasEnded.open() }
        context.onStop { [state, settings] in
            let limit = settings.drainTimeout
            state.drains(within: limit)
            _ = OSThread(name: "farewell") { Self.leave(unless: hasEnded, within: limit + .seconds(13)) }
        }
        let operations = try startOperations()
        defer { operations.stop() }
        if LibraryVersion.mayHangInCommit {
            log.warning(
                "librdkafka_may_hang",
                "After a broker was away a commit may hang with this librdkafka, until the watchdog ends the process.",
                [LogField("version", LibraryVersion.name)])
        }
        let tracer = try startTracer()
        defer { tracer?.stop() }
        let deadline = ContinuousClock.now + settings.startupTimeout
        guard try topicsAreThere() else { return }
        let metrics = CoreMetrics(registry, group: settings.group, inputs: settings.inputs)
        let loop: CoreLoop?
        do throws(KafkaError) {
            loop = try makeLoop(metrics, CoreTracing(settings, tracer: tracer), deadline)
        } catch {
            throw .start(error, settings)
        }
        try loop?.run()
    }

    /// Ends a process whose drain does not end: a call of librdkafka may wait for a broker for as long as that is away,
    /// whatever its time limit (librdkafka #5456).
    private static func leave(unless hasEnded: Latch, within limit: Duration) {
        guard !hasEnded.wait(timeout: limit) else { return }
        CoreLoop.warnOfUncommitted("a call of librdkafka does not return")
        ExitCode.ok.leave()
    }

    private func startOperations() throws(CoreFailure) -> OperationsServer {
        do throws(OperationsServer.Fault) {
            return try OperationsServer(
                address: context.process.operationsAddress, registry: registry, live: { [state] in state.live },
                ready: { [state] in state.ready })
        } catch {
            throw CoreFailure(.configuration, error.message)
        }
    }

    private func startTracer() throws(CoreFailure) -> Tracer? {
        do throws(TransferFailure) {
            return try context.process.startTracer(registry)
        } catch {
            throw CoreFailure(.configuration, "tracing: \(error.message)")
        }
    }

    /// - Returns: false when a stop was asked for while waiting.
    private func topicsAreThere() throws(CoreFailure) -> Bool {
        let outcome: TopicPreflight.Outcome
        do throws(KafkaError) {
            outcome = try TopicPreflight(settings.kafka).wait(
                for: settings.topics(for: configuration.table.channels), timeout: settings.startupTimeout,
                shouldStop: {
                    state.watchdog.beat()
                    return state.stop.isOpen
                },
                onChange: {
                    state.waits(for: $0.sentence(settings))
                    log.warning("waiting_for_kafka", $0.sentence(settings))
                })
        } catch {
            throw .start(error, settings)
        }
        switch outcome {
        case .ready: return true
        case .stopped: return false
        case .missing, .unreachable:
            throw CoreFailure(
                .unavailable,
                "\(outcome.sentence(settings)); gave up after \(DurationText.format(settings.startupTimeout))")
        }
    }

    /// Makes a call in short slices, so that a stop is seen soon. Goes on until the deadline unless an error is fatal: a
    /// coordinator that is still loading, for one, is no reason to leave.
    ///
    /// - Returns: nil when a stop was asked for.
    private func patiently<Value>(
        until deadline: ContinuousClock.Instant, _ call: (Duration) throws(KafkaError) -> Value
    ) throws(KafkaError) -> Value? {
        while !state.stop.isOpen {
            state.watchdog.beat()
            do throws(KafkaError) {
                return try call(.seconds(1))
            } catch {
                guard !error.isFatal, ContinuousClock.now < deadline else { throw error }
                state.stop.wait(timeout: .milliseconds(100))
            }
        }
        return nil
    }

    /// - Returns: nil when a stop was asked for in the meantime.
    private func makeLoop(
        _ metrics: CoreMetrics, _ tracing: CoreTracing, _ deadline: ContinuousClock.Instant
    ) throws(KafkaError) -> CoreLoop? {
        let channels = configuration.table.channels
        state.waits(for: "waiting for Kafka's transaction coordinator")
        guard let producer = try makeProducer(deadline),
            let outputs = try patiently(
                until: deadline,
                { slice throws(KafkaError) in
                    try Outputs(
                        settings, channels: channels, producer: producer, tracing: tracing, timeout: slice)
                }),
            let feed = try patiently(
                until: deadline,
                { slice throws(KafkaError) in
                    try ContactFeed(settings, contacts: configuration.contacts, timeout: slice * 2)
                })
        else { return nil }
        let mapping = Mapping(configuration, outputs: outputs, metrics: metrics, tracing: tracing)
        let consumer = try Consumer(settings.consumer(kafka.settings(settings.kafka, client: "consumer")))
        let upkeep = Upkeep(configuration, feed: feed, mapping: mapping, consumer: consumer, state: state)
        let waker = consumer.waker
        context.onStop { waker.wake() }
        context.onReload { [state] configuration in
            state.reloads.put([configuration])
            waker.wake()
        }
        let transaction = CoreTransaction(settings, producer: producer, metrics: metrics, state: state)
        let loop = CoreLoop(
            settings, consumer: consumer, transaction: transaction, mapping: mapping, state: state, upkeep: upkeep)
        state.waits(for: "reading the contacts' topic")
        try upkeep.readContacts(until: deadline)
        guard !state.stop.isOpen else { return nil }
        try consumer.subscribe(settings.inputs)
        state.joins()
        log.info("running", "Events are read.", [LogField("group", settings.group)])
        return loop
    }

    /// A named instance takes over from its predecessor at once; an unnamed one leaves its open transaction to the
    /// broker, which is why that has a short time-out.
    private func makeProducer(_ deadline: ContinuousClock.Instant) throws(KafkaError) -> TransactionalProducer? {
        let producerSettings = settings.producer(kafka.settings(settings.kafka, client: CoreState.producer))
        let name = settings.instanceID ?? Self.randomName()
        let producer = try TransactionalProducer(
            producerSettings, transactionalID: "\(settings.group).\(name)",
            transactionTimeout: settings.transactionTimeout)
        return try patiently(until: max(deadline, .now + .seconds(30))) { slice throws(KafkaError) in
            try producer.initTransactions(timeout: slice)
            return producer
        }
    }

    private static func randomName() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension TopicPreflight.Outcome {
    /// What people are told.
    func sentence(_ settings: CoreSettings) -> String {
        switch self {
        case .missing(let topics): "Kafka has no topic \(topics.joined(separator: ", "))"
        case .unreachable(let reason): "Kafka does not answer at \(settings.kafka.brokers): \(reason)"
        case .ready, .stopped: "Kafka has every topic"
        }
    }
}
