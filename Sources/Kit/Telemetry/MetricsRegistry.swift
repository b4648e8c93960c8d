import Synchronization

/// All metrics of the process, and their text for Prometheus.
///
/// Handles are created once, at start, and kept; asking again for the same definition and values gives the same handle.
/// Label values come from bounded sets (channels, endpoints, topics), never from records. Safe to use from any thread.
package final class MetricsRegistry: Sendable {
    private let families = Mutex<[MetricFamily]>([])

    package init() {}

    /// A count that only grows.
    /// - Parameter values: one for each label of the definition, here and below.
    package func counter(_ definition: MetricDefinition, _ values: [String] = []) -> Counter {
        handle(definition, .counter, values, make: Counter.init, wrap: MetricSample.counter) {
            if case .counter(let counter) = $0 { counter } else { nil }
        }
    }

    /// A value that goes up and down.
    package func gauge(_ definition: MetricDefinition, _ values: [String] = []) -> Gauge {
        handle(definition, .gauge, values, make: Gauge.init, wrap: MetricSample.gauge) {
            if case .gauge(let gauge) = $0 { gauge } else { nil }
        }
    }

    /// Counts of values by size.
    package func histogram(_ definition: MetricDefinition, _ values: [String] = []) -> Histogram {
        handle(
            definition, .histogram, values, make: { Histogram(bounds: definition.bounds) },
            wrap: MetricSample.histogram
        ) { if case .histogram(let histogram) = $0 { histogram } else { nil } }
    }

    /// A count or value that is kept elsewhere and asked for at each scrape, on the server's thread; NaN leaves it out.
    package func read(
        _ definition: MetricDefinition, _ values: [String] = [], by read: @escaping @Sendable () -> Double
    ) {
        precondition(definition.kind != .histogram, "\(definition.name) is a histogram")
        families.withLock { families in
            let index = MetricFamily.index(of: definition, in: &families)
            families[index].add(.computed(read), labels: MetricLabels(definition.labels, values))
        }
    }

    /// Counts or values whose labels come and go, as partitions do: asked for at each scrape, on the server's thread.
    /// - Parameter read: calls its argument once for each sample, with the values of the labels.
    package func collect(
        _ definition: MetricDefinition,
        by read: @escaping @Sendable (_ add: (_ values: [String], _ value: Double) -> Void) -> Void
    ) {
        precondition(definition.kind != .histogram, "\(definition.name) is a histogram")
        families.withLock { families in
            let index = MetricFamily.index(of: definition, in: &families)
            families[index].set(collect: read)
        }
    }

    /// Shows a metric by its name and meaning before it has a sample.
    package func declare(_ definition: MetricDefinition) {
        families.withLock { _ = MetricFamily.index(of: definition, in: &$0) }
    }

    /// Appends everything as Prometheus text, version 0.0.4, families in the order of their creation.
    package func render(into output: inout [UInt8]) {
        // The samples are copied out so that a callback of a computed one may use the registry.
        for family in families.withLock({ $0 }) { family.render(into: &output) }
    }

    private func handle<Handle>(
        _ definition: MetricDefinition, _ kind: MetricDefinition.Kind, _ values: [String], make: () -> Handle,
        wrap: (Handle) -> MetricSample, unwrap: (MetricSample) -> Handle?
    ) -> Handle {
        precondition(definition.kind == kind, "\(definition.name) is no \(kind.rawValue)")
        return families.withLock { families in
            let index = MetricFamily.index(of: definition, in: &families)
            let labels = MetricLabels(definition.labels, values)
            if let sample = families[index].sample(with: labels), let handle = unwrap(sample) { return handle }
            let handle = make()
            families[index].add(wrap(handle), labels: labels)
            return handle
        }
    }
}
