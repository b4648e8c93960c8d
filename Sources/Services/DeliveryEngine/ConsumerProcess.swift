internal import Delivery
internal import Kafka
internal import KafkaOperations
package import Lifecycle
internal import Notifications
package import Telemetry
package import Time
package import Tracing
package import Transfer

/// Builds one channel's consumer around its engine and runs it on the calling thread. ``ConsumerService`` puts a whole
/// process around it; tests and benchmarks put transfers of their own under it.
package final class ConsumerProcess {
    /// Makes the transfers; the closure takes what ended.
    package typealias MakeTransfer =
        @Sendable (@escaping @Sendable ([TransferCompletion]) -> Void) throws(TransferFailure) -> any Transferring

    private let settings: ChannelConsumerSettings
    private let channel: any Channel
    private let makeTransfer: MakeTransfer
    private let registry: MetricsRegistry
    private let wallClock: @Sendable () -> UnixTime
    private let tracer: Tracer?
    private let log = Log()
    private let relay = WakeRelay()
    private let stop: Latch
    /// New forms of the channel after a reload.
    private let reloads = Mailbox<any Channel>()

    /// What the process calls its producer in the metrics.
    private static let producer = "producer"

    private let kafka: KafkaMetrics
    let health: EngineHealth

    /// - Parameter stallLimit: after this long without a result, while there is work and Kafka is there, it is not alive.
    package init(
        settings: ChannelConsumerSettings, channel: any Channel, registry: MetricsRegistry, tracer: Tracer? = nil,
        stop: Latch, stallLimit: Duration = .seconds(180),
        wallClock: @escaping @Sendable () -> UnixTime = UnixTime.now, makeTransfer: @escaping MakeTransfer
    ) {
        self.settings = settings
        self.channel = channel
        self.registry = registry
        self.tracer = tracer
        self.stop = stop
        self.wallClock = wallClock
        self.makeTransfer = makeTransfer
        let kafka = KafkaMetrics(registry)
        self.kafka = kafka
        health = EngineHealth(
            stop: stop, stallLimit: stallLimit,
            isOutputReachable: { kafka.isConnected(client: Self.producer) ?? true })
    }

    /// Makes the loop look at `stop`; from any thread.
    var wake: @Sendable () -> Void {
        let relay = relay
        return { relay.wake() }
    }

    /// Makes the loop use another form of the channel, and open what was closed; from any thread.
    var reload: @Sendable (any Channel) -> Void {
        let (relay, reloads) = (relay, reloads)
        return { channel in
            reloads.put([channel])
            relay.wake()
        }
    }

    // MARK: - Running

    /// Waits for the topics, runs until the stop is asked for, drains.
    ///
    /// - Parameter beat: called once a turn.
    package func run(beat: () -> Void) -> ExitCode {
        guard let code = waitForTopics(beat) else {
            do throws(KafkaError) {
                return try serve(beat)
            } catch {
                log.error("kafka_fatal", "Kafka does not let this process go on.", [reason(error)])
                return error.concernsConfiguration ? .configuration : .fatal
            }
        }
        return code
    }

    /// Returns the exit code if it is not worth going on.
    private func waitForTopics(_ beat: () -> Void) -> ExitCode? {
        do throws(KafkaError) {
            let outcome = try TopicPreflight(settings.kafka).wait(
                for: settings.topics, timeout: settings.startupTimeout,
                shouldStop: {
                    beat()
                    return stop.isOpen
                }, onChange: explain)
            switch outcome {
            case .ready:
                health.waits(for: nil)
                return nil
            case .stopped: return .ok
            case .missing, .unreachable:
                log.error("startup_timeout", "What is needed did not appear in time.", [Self.field(outcome)])
                return .unavailable
            }
        } catch {
            log.error("kafka_fatal", "The Kafka client cannot be made.", [LogField("reason", error.text)])
            return .configuration
        }
    }

    private func explain(_ outcome: TopicPreflight.Outcome) {
        health.waits(for: sentence(outcome))
        log.warning("waiting_for_kafka", "Waiting for what is needed of Kafka.", [Self.field(outcome)])
    }

    private func sentence(_ outcome: TopicPreflight.Outcome) -> String? {
        switch outcome {
        case .missing(let topics): "Kafka has no topic \(topics.joined(separator: ", "))"
        case .unreachable(let reason): "Kafka does not answer at \(settings.kafka.brokers): \(reason)"
        case .ready, .stopped: nil
        }
    }

    private func reason(_ error: KafkaError) -> LogField {
        guard error.isFenced, let name = settings.instanceID else { return LogField("reason", error.text) }
        let limit = "session_timeout (\(DurationText.format(settings.sessionTimeout)))"
        return LogField("reason", error.fencedText(instanceID: name, group: settings.group, limit: limit))
    }

    private static func field(_ outcome: TopicPreflight.Outcome) -> LogField {
        switch outcome {
        case .missing(let topics): LogField("missing_topics", topics.joined(separator: " "))
        case .unreachable(let reason): LogField("unreachable", reason)
        case .ready, .stopped: LogField("state", "ready")
        }
    }

    private func serve(_ beat: () -> Void) throws(KafkaError) -> ExitCode {
        let relay = relay
        let completions = Mailbox<TransferCompletion>(wake: { relay.wake() })
        let transfer: any Transferring
        do throws(TransferFailure) {
            transfer = try makeTransfer { completions.put($0) }
        } catch {
            log.error("transfer_fatal", "The transfer thread cannot start.", [LogField("reason", error.message)])
            return .fatal
        }
        let engine = try makeEngine(transfer, completions)
        relay.set(engine.feeds[0].waker)
        log.info(
            "running", "Notifications are read.",
            [LogField("topic", settings.topic), LogField("group", settings.group)])
        do throws(KafkaError) {
            while !stop.isOpen {
                beat()
                if let channel = reloads.takeAll().last { engine.reload(channel) }
                try engine.turn()
            }
        } catch {
            log.error("kafka_fatal", "The consumer cannot go on.", [reason(error)])
            transfer.stop()
            return .fatal
        }
        engine.drain(beat: beat)
        return .ok
    }

    private func makeEngine(
        _ transfer: any Transferring, _ completions: Mailbox<TransferCompletion>
    ) throws(KafkaError) -> Engine {
        let producerSettings = settings.producer(kafka.settings(settings.kafka, client: Self.producer))
        let relay = relay
        let producer = try IdempotentProducer(producerSettings) { relay.wake() }
        for topic in settings.topics.dropFirst() {
            // Only saves the first record of a topic a wait.
            do throws(KafkaError) { try producer.warmUp(topic: topic, timeout: .seconds(2)) } catch {
                log.warning("warm_up_failed", "A topic did not answer yet.", [LogField("topic", topic)])
            }
        }
        let metrics = EngineMetrics(
            registry, channel: settings.channel,
            groups: [settings.group] + settings.tiers.indices.map(settings.retryGroup),
            topics: [settings.topic] + settings.tiers.indices.map(settings.retryTopic),
            tiers: settings.tiers.map(\.name))
        let engine = Engine(
            settings: settings, channel: channel, transfer: transfer, completions: completions, producer: producer,
            reporter: EngineReporter(metrics: metrics, health: health), wallClock: wallClock, tracer: tracer)
        engine.feeds = [
            try Feed(
                index: 0, topic: settings.topic, delay: nil,
                settings: consumerSettings(group: settings.group, client: "consumer"),
                maxSpan: settings.maxSpan, sharedRecords: settings.retry.isStrict ? settings.maxBuffered : nil,
                owner: engine, onCommitAnswers: { relay.wake() })
        ]
        for (index, tier) in settings.tiers.enumerated() {
            engine.feeds.append(
                try Feed(
                    index: index + 1, topic: settings.retryTopic(index), delay: tier.delay,
                    settings: retrySettings(tier, index), maxSpan: settings.maxSpan,
                    maxWaitingBytes: settings.maxRestingBytes / settings.tiers.count, owner: engine,
                    wallClock: wallClock, onCommitAnswers: { relay.wake() }))
        }
        for feed in engine.feeds { try feed.subscribe() }
        return engine
    }

    /// Nobody waits for a retry topic's records to the millisecond: an idle one is asked five times a second. Most of what
    /// it has fetched ahead is not due yet, and after an outage there are several such topics.
    private func retrySettings(_ tier: ChannelConsumerSettings.Tier, _ index: Int) -> ConsumerSettings {
        var consumer = consumerSettings(group: settings.retryGroup(index), client: "retry-\(tier.name)")
        consumer.fetchWait = .milliseconds(200)
        consumer.prefetchRecords = 2_000
        consumer.prefetchKiB = 2_048
        return consumer
    }

    private func consumerSettings(group: String, client: String) -> ConsumerSettings {
        settings.consumer(kafka.settings(settings.kafka, client: client), group: group)
    }
}
