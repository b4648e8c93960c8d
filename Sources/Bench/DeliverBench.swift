import DeliveryEngine
import EmailChannel
import Glibc
import Kafka
import Lifecycle
import Settings
import Synchronization
import Telemetry
import Transfer
import WebhookChannel

/// A notification's whole way through a consumer: from the record in Kafka to its committed offset, with its request, the
/// answer and its status record. Kafka is librdkafka's mock cluster in this process, and every request is answered at
/// once; only the engine's thread is counted.
enum DeliverBench {
    /// One channel, and what the other side always answers.
    struct Case: Sendable {
        let name: String
        let service: ConsumerService
        let answer: TransferResult
        let content: DeliverBacklog.Content
    }

    static let cases = [
        Case(
            name: "webhook", service: WebhookChannel.service, answer: .http(HTTPResponse(status: 200)),
            content: .webhook),
        Case(
            name: "email", service: EmailChannel.service,
            answer: .mail(MailReply(code: 250, enhanced: "2.0.0", text: "queued", stage: .body)), content: .email),
    ]

    private static let directory = "config/bench"
    private static let warmUp = 5_000

    static func run(_ options: BenchOptions) throws {
        for sample in cases where options.channels.contains(sample.name) {
            try measure(sample, options.rounds).print("deliver \(sample.name)")
        }
    }

    /// Works off a backlog, and counts all but its first part.
    static func measure(_ sample: Case, _ rounds: Int) throws -> Cost {
        // What a consumer says when it starts and stops is of no interest here.
        Log.bootstrap(service: "bench", level: .error)
        let file = "\(directory)/\(sample.name).yaml"
        guard access(file, R_OK) == 0 else {
            throw BenchError(message: "\(file) cannot be read: run this in the repository's folder")
        }
        let cluster = try MockCluster()
        let reader = SettingsReader(
            file: file, environment: ["KAFKA_BROKERS": cluster.brokers])
        let configuration = try sample.service.load(reader)
        guard let parts = configuration.parts else {
            throw BenchError(message: "\(file) has a fault")
        }
        for topic in configuration.settings.topics { cluster.createTopic(topic, partitions: 4) }
        try DeliverBacklog.write(sample.content, warmUp + rounds, to: configuration.settings)
        let (stop, answers) = (Latch(), Answers(sample.answer))
        let process = ConsumerProcess(
            settings: configuration.settings, channel: parts.channel, registry: MetricsRegistry(), stop: stop
        ) { onCompletion in
            answers.onCompletion.withLock { $0 = onCompletion }
            return answers
        }
        return try count(process, answers, rounds, stop)
    }

    private static func count(_ process: ConsumerProcess, _ answers: Answers, _ rounds: Int, _ stop: Latch) throws
        -> Cost
    {
        var meter = Meter()
        var (first, last): (Int?, Int?) = (nil, nil)
        let code = process.run {
            let count = answers.count.load(ordering: .relaxed)
            if first == nil, count >= warmUp {
                first = count
                meter.start()
            }
            // What comes last does not keep the engine busy.
            guard last == nil, count >= warmUp + rounds - 500 else { return }
            meter.stop()
            last = count
            stop.open()
        }
        guard code == .ok, let first, let last else { throw BenchError(message: "the consumer ended with \(code)") }
        return meter.cost(last - first)
    }
}

/// Answers every job when it is submitted, always the same.
private final class Answers: Transferring {
    let count = Atomic(0)
    let onCompletion = Mutex<@Sendable ([TransferCompletion]) -> Void>({ _ in })
    private let answer: TransferResult

    init(_ answer: TransferResult) { self.answer = answer }

    func submit(_ jobs: [TransferJob]) {
        count.add(jobs.count, ordering: .relaxed)
        let answered = jobs.map { TransferCompletion(token: $0.token, result: answer, duration: .milliseconds(3)) }
        onCompletion.withLock { $0 }(answered)
    }

    func cancelAll() {}
    func stop() {}
}
