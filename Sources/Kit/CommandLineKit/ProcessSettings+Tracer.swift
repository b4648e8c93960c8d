import Glibc
package import Telemetry
package import Tracing
package import Transfer

extension ProcessSettings {
    /// Starts to export spans, where the configuration names a collector.
    ///
    /// - Parameter registry: gets the counts of spans.
    package func startTracer(_ registry: MetricsRegistry) throws(TransferFailure) -> Tracer? {
        for definition in TracerMetrics.definitions { registry.declare(definition) }
        guard let tracing else { return nil }
        var host = [CChar](repeating: 0, count: 256)
        gethostname(&host, host.count - 1)
        let name = String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return try Tracer(
            tracing,
            resource: [
                ("service.name", serviceName), ("service.version", ServiceVersion.current),
                ("service.instance.id", "\(name)-\(getpid())"), ("host.name", name),
                ("telemetry.sdk.name", "notificationhub"), ("telemetry.sdk.language", "swift"),
                ("telemetry.sdk.version", ServiceVersion.current),
            ], registry: registry)
    }
}
