import Synchronization

/// All metrics of the process, and their text for Prometheus.
///
/// Handles are created once, at start, and kept; asking again for the same name and labels gives the same handle.
/// Label values come from bounded sets (channels, endpoints, topics), never from records. Safe to use from any thread.
package final class MetricsRegistry: Sendable {
    /// Name and value of each label, in the order to show them.
    package typealias Labels = [(String, String)]

    /// Upper bounds in seconds that suit network calls.
    package static let secondsBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    private let families = Mutex<[MetricFamily]>([])

    package init() {}

    /// A count that only grows; the name ends with `_total`.
    package func counter(_ name: String, help: String, labels: Labels = []) -> Counter {
        precondition(name.hasSuffix("_total"), "the name of the counter \(name) must end with _total")
        return handle(name, help, .counter, labels, make: Counter.init, wrap: MetricSample.counter) {
            if case .counter(let counter) = $0 { counter } else { nil }
        }
    }

    /// A count that is kept elsewhere and asked for at each scrape, on the server's thread.
    package func counter(_ name: String, help: String, labels: Labels = [], read: @escaping @Sendable () -> Double) {
        precondition(name.hasSuffix("_total"), "the name of the counter \(name) must end with _total")
        add(name, help, .counter, labels, .computed(read))
    }

    /// A value that goes up and down.
    package func gauge(_ name: String, help: String, labels: Labels = []) -> Gauge {
        handle(name, help, .gauge, labels, make: Gauge.init, wrap: MetricSample.gauge) {
            if case .gauge(let gauge) = $0 { gauge } else { nil }
        }
    }

    /// A value that is asked for at each scrape, on the server's thread; NaN leaves it out.
    package func gauge(_ name: String, help: String, labels: Labels = [], read: @escaping @Sendable () -> Double) {
        add(name, help, .gauge, labels, .computed(read))
    }

    /// Counts of values by size.
    /// - Parameter bounds: the upper bounds, growing, without infinity.
    package func histogram(
        _ name: String, help: String, labels: Labels = [], bounds: [Double] = MetricsRegistry.secondsBounds
    ) -> Histogram {
        handle(name, help, .histogram, labels, make: { Histogram(bounds: bounds) }, wrap: MetricSample.histogram) {
            if case .histogram(let histogram) = $0 { histogram } else { nil }
        }
    }

    /// Appends everything as Prometheus text, version 0.0.4, families in the order of their creation.
    package func render(into output: inout [UInt8]) {
        // The samples are copied out so that a callback of a computed one may use the registry.
        for family in families.withLock({ $0 }) { family.render(into: &output) }
    }

    private func handle<Handle>(
        _ name: String, _ help: String, _ kind: MetricFamily.Kind, _ labels: Labels, make: () -> Handle,
        wrap: (Handle) -> MetricSample, unwrap: (MetricSample) -> Handle?
    ) -> Handle {
        families.withLock { families in
            let index = MetricFamily.index(of: name, help, kind, in: &families)
            let rendered = MetricLabels(labels)
            if let sample = families[index].sample(with: rendered), let handle = unwrap(sample) { return handle }
            let handle = make()
            families[index].add(wrap(handle), labels: rendered)
            return handle
        }
    }

    private func add(
        _ name: String, _ help: String, _ kind: MetricFamily.Kind, _ labels: Labels, _ sample: MetricSample
    ) {
        families.withLock { families in
            let index = MetricFamily.index(of: name, help, kind, in: &families)
            families[index].add(sample, labels: MetricLabels(labels))
        }
    }
}
