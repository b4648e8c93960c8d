import Core
import DeliveryEngine
import Glibc
import KafkaOperations
import Telemetry
import TestKit
import Testing
import Tracing

/// docs/METRICS.md says what the code defines. `WRITE_DOCS=1 swift test --filter MetricsPageTests` writes it anew.
struct MetricsPageTests {
    static let page = MetricsDocument.render(
        introduction: """
            Every process shows its metrics on `/metrics` of its operations port, as Prometheus reads them. This page is made \
            from the definitions in the code; a test compares the two.

            Label values come from bounded sets: channels, configured endpoints, routes and topics, the cluster's brokers. \
            Where values are only met while a process runs, such as the answers of peers, more than 256 of them are counted \
            as `other`. Counters start at 0 with their process. `deploy/observability/` has alerts and a dashboard.
            """,
        [
            .init(
                "Every process",
                ProcessMetrics.definitions + KafkaMetrics.definitions + GroupMetrics.definitions
                    + TracerMetrics.definitions),
            .init("core-service", CoreMetrics.definitions), .init("Channel consumers", EngineMetrics.definitions),
        ])

    @Test func isTrue() {
        if getenv("WRITE_DOCS") != nil, let file = fopen(Repository.path("docs/METRICS.md"), "w") {
            fputs(Self.page, file)
            fclose(file)
        }
        #expect(Repository.text("docs/METRICS.md") == Self.page)
    }
}
