private struct LabelValues: Hashable {
    var first: String
    var second: String
    var third: String
}

/// The handles of one definition whose label values are met while the process runs, within a bound.
///
/// Values that were met before cost one look into a dictionary and allocate nothing, the same as last time not even
/// that. One thread owns it; the handles themselves may be used by any.
package final class LabeledMetrics<Handle: AnyObject> {
    private let maximum: Int
    private let varying: Int
    private let make: ([String]) -> Handle
    private var handles: [LabelValues: Handle] = [:]
    private var latest: (values: LabelValues, handle: Handle)?

    private init(
        _ registry: MetricsRegistry, _ definition: MetricDefinition, fixed: [String], maximum: Int,
        make: @escaping ([String]) -> Handle
    ) {
        varying = definition.labels.count - fixed.count
        precondition((1...3).contains(varying), "\(definition.name): one to three labels may vary")
        self.maximum = maximum
        self.make = { make(fixed + $0) }
        registry.declare(definition)
    }

    /// The handle of these values, as many as labels vary. When there are too many already, all of them are `other`.
    package subscript(first: String, second: String = "", third: String = "") -> Handle {
        let values = LabelValues(first: first, second: second, third: third)
        if let latest, latest.values == values { return latest.handle }
        let handle = handle(of: values)
        latest = (values, handle)
        return handle
    }

    private func handle(of values: LabelValues) -> Handle {
        if let known = handles[values] { return known }
        guard handles.count < maximum else { return make(Array(repeating: "other", count: varying)) }
        let handle = make(Array([values.first, values.second, values.third].prefix(varying)))
        handles[values] = handle
        return handle
    }
}

extension LabeledMetrics<Counter> {
    /// - Parameters:
    ///   - fixed: values of the first labels, which are always the same.
    ///   - maximum: how many different values may be met.
    package convenience init(
        counters definition: MetricDefinition, in registry: MetricsRegistry, fixed: [String] = [], maximum: Int = 256
    ) {
        self.init(registry, definition, fixed: fixed, maximum: maximum) { registry.counter(definition, $0) }
    }
}

extension LabeledMetrics<Gauge> {
    /// As for counters.
    package convenience init(
        gauges definition: MetricDefinition, in registry: MetricsRegistry, fixed: [String] = [], maximum: Int = 256
    ) {
        self.init(registry, definition, fixed: fixed, maximum: maximum) { registry.gauge(definition, $0) }
    }

    /// Sets all of them in one round; those that share `other` show their largest value, whichever comes last.
    package func set(_ round: some Sequence<(name: String, value: Double)>) {
        var largest: [ObjectIdentifier: (gauge: Gauge, value: Double)] = [:]
        for (name, value) in round {
            let gauge = self[name]
            let identity = ObjectIdentifier(gauge)
            largest[identity] = (gauge, max(value, largest[identity]?.value ?? value))
        }
        // At the end: a scrape in between must not see less.
        for (gauge, value) in largest.values { gauge.set(value) }
    }
}

extension LabeledMetrics<Histogram> {
    /// As for counters.
    package convenience init(
        histograms definition: MetricDefinition, in registry: MetricsRegistry, fixed: [String] = [], maximum: Int = 256
    ) {
        self.init(registry, definition, fixed: fixed, maximum: maximum) { registry.histogram(definition, $0) }
    }
}
