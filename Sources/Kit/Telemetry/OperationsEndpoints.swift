/// What the operations server answers, without the server.
final class OperationsEndpoints: Sendable {
    struct Answer {
        var status: UInt32
        var headers: [(String, String)]
        var body: [UInt8]
    }

    private let registry: MetricsRegistry
    private let live: @Sendable () -> HealthReport
    private let ready: @Sendable () -> HealthReport

    init(
        registry: MetricsRegistry, live: @escaping @Sendable () -> HealthReport,
        ready: @escaping @Sendable () -> HealthReport
    ) {
        self.registry = registry
        self.live = live
        self.ready = ready
    }

    /// The body of a HEAD is left out by the server.
    func answer(method: String, path: String) -> Answer {
        let answer: Answer
        switch path {
        case "/livez": answer = Self.answer(live())
        case "/readyz": answer = Self.answer(ready())
        case "/metrics":
            var body: [UInt8] = []
            registry.render(into: &body)
            answer = Answer(
                status: 200, headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")], body: body)
        default: return Self.text(404, "not found; there are /livez, /readyz and /metrics")
        }
        guard method == "GET" || method == "HEAD" else {
            var refusal = Self.text(405, "only GET and HEAD")
            refusal.headers.append(("Allow", "GET, HEAD"))
            return refusal
        }
        return answer
    }

    private static func answer(_ report: HealthReport) -> Answer { text(report.isHealthy ? 200 : 503, report.text) }

    private static func text(_ status: UInt32, _ text: String) -> Answer {
        Answer(
            status: status, headers: [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")],
            body: Array("\(text)\n".utf8))
    }
}
