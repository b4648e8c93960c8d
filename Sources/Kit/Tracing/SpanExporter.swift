internal import JSONBytes
internal import Lifecycle
internal import Settings
internal import Telemetry
internal import Transfer

/// Sends spans to the collector, one request at a time: the work of the thread `traces`.
// Safe because everything but the latch and what is constant is touched by that thread only.
final class SpanExporter: @unchecked Sendable {
    private static let spansPerRequest = 512
    /// How long spans gather; so an idle process sends little, and a busy one large requests.
    private static let gathering = Duration.milliseconds(200)
    private static let requestLimit = Duration.seconds(10)
    /// How long to wait after each failure of the same request before the next try; then its spans are dropped.
    private static let pauses: [Duration] = [.seconds(1), .seconds(2), .seconds(4), .seconds(8)]
    private static let longestPause = Duration.seconds(30)

    private let settings: TraceSettings
    private let resource: [(name: String, value: String)]
    private let queue: Mailbox<Span>
    private let metrics: TracerMetrics
    private let log: Log
    private let answers = Mailbox<TransferCompletion>()
    private let transfer: TransferThread
    private let headers: HTTPHeaders
    private let givenUp = Latch()
    private var isFailing = false

    init(
        _ settings: TraceSettings, resource: [(name: String, value: String)], queue: Mailbox<Span>,
        metrics: TracerMetrics, log: Log
    ) throws(TransferFailure) {
        self.settings = settings
        self.resource = resource
        self.queue = queue
        self.metrics = metrics
        self.log = log
        headers = try HTTPHeaders(
            [("content-type", "application/json")] + settings.headers.map { ($0.name, $0.value.value) })
        // Like Kafka, the collector is where the configuration says, inside or outside.
        var transferSettings = TransferSettings(allowNetworks: NetworkRange.everything, maxConnections: 1)
        transferSettings.caFile = settings.caFile
        let answers = answers
        transfer = try TransferThread(settings: transferSettings) { answers.put($0) }
    }

    /// Works until the queue is closed and empty, or given up.
    func run() {
        while !queue.isClosed || queue.count > 0 {
            guard queue.wait(timeout: .seconds(60)) else { continue }
            if !queue.isClosed { givenUp.wait(timeout: Self.gathering) }
            var spans = queue.takeAll()[...]
            while !spans.isEmpty {
                let batch = spans.prefix(Self.spansPerRequest)
                spans = spans.dropFirst(batch.count)
                send(batch)
            }
        }
        transfer.stop()
    }

    /// From any thread: what is not sent by now will not be.
    func giveUp() {
        givenUp.open()
        transfer.cancelAll()
    }

    // MARK: - One batch

    private enum Verdict {
        case taken(refused: Int)
        case again(reason: String, after: Duration?)
        case refused(reason: String)
    }

    private func send(_ batch: ArraySlice<Span>) {
        let body = OTLPTraces.encode(batch, resource: resource)
        tries: for attempt in 0...Self.pauses.count where !givenUp.isOpen {
            switch post(body) {
            case .taken(let refused):
                metrics.exported.increment(by: batch.count - refused)
                metrics.refused.increment(by: refused)
                return succeeded()
            case .refused(let reason):
                metrics.refused.increment(by: batch.count)
                return failed(reason)
            case .again(let reason, let after):
                failed(reason)
                guard attempt < Self.pauses.count, !queue.isClosed else { break tries }
                rest(max(Self.pauses[attempt], min(after ?? .zero, Self.longestPause)))
            }
        }
        metrics.unreachable.increment(by: batch.count)
    }

    /// A stop ends the rest early.
    private func rest(_ pause: Duration) {
        let end = ContinuousClock.now + pause
        while !queue.isClosed, ContinuousClock.now < end { givenUp.wait(timeout: .milliseconds(100)) }
    }

    private func post(_ body: [UInt8]) -> Verdict {
        let request = HTTPRequest(url: settings.address, headers: headers, body: body, timeout: Self.requestLimit)
        transfer.submit([TransferJob(token: 0, request: .http(request))])
        while !answers.wait(timeout: .milliseconds(500)) {
            // What was submitted just behind the cancellation is cancelled, too.
            if givenUp.isOpen { transfer.cancelAll() }
        }
        guard let answer = answers.takeAll().last else { return .again(reason: "no answer", after: nil) }
        switch answer.result {
        case .http(let response): return Self.judge(response)
        case .failed(let failure): return .again(reason: failure.message, after: nil)
        case .mail: return .refused(reason: "no answer of HTTP")
        }
    }

    /// What OTLP says about the answers.
    private static func judge(_ response: HTTPResponse) -> Verdict {
        switch response.status {
        case 200..<300: .taken(refused: refusedSpans(response.body))
        case 429, 502, 503, 504:
            .again(
                reason: "HTTP \(response.status)",
                after: response.header("retry-after").flatMap { Int64($0) }.map { .seconds(max(0, min($0, 3_600))) })
        default: .refused(reason: "HTTP \(response.status)")
        }
    }

    /// The `rejectedSpans` of a partial success, which is a number or text.
    private static func refusedSpans(_ body: [UInt8]) -> Int {
        let count = body.withUnsafeBytes { bytes in
            try? JSONDocument.read(bytes) { root in
                root.member("partialSuccess")?.member("rejectedSpans").flatMap { Int($0.string) }
            }
        }
        return max(0, (count ?? nil) ?? 0)
    }

    // MARK: - What is said about it

    /// Once, and again after a success: a collector may be away for days.
    private func failed(_ reason: String) {
        guard !isFailing else { return }
        isFailing = true
        log.warning(
            "traces_not_exported", "The collector does not take spans; notifications are not held up.",
            [LogField("collector", settings.address.description), LogField("reason", reason)])
    }

    private func succeeded() {
        guard isFailing else { return }
        isFailing = false
        log.info("traces_exported", "The collector takes spans again.")
    }
}
