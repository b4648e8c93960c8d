/// What a metric is called and what it means: the one place for it, from which `/metrics` and docs/METRICS.md are made.
package struct MetricDefinition: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    /// The full name. Prometheus' rules hold: base units, `_total` for counters only.
    package let name: String
    package let kind: Kind
    /// What one is: `seconds`, `bytes`, `records` …
    package let unit: String
    /// One sentence or two for people, with the values of labels that are not plain.
    package let help: String
    /// Names of the labels, in the order in which values are given.
    package let labels: [String]
    /// Upper bounds of a histogram, growing, without infinity.
    let bounds: [Double]

    /// - Parameter name: without the prefix `notificationhub_` that every name has.
    private init(
        _ name: String, _ kind: Kind, unit: String, _ help: String, labels: [String], bounds: [Double] = []
    ) {
        self.name = "notificationhub_\(name)"
        self.kind = kind
        self.unit = unit
        self.help = help
        self.labels = labels
        self.bounds = bounds
        precondition(
            name.hasSuffix("_total") == (kind == .counter), "\(name): counters, and only they, end with _total")
    }

    /// A count that only grows.
    package static func counter(
        _ name: String, unit: String, _ help: String, labels: [String] = []
    ) -> MetricDefinition {
        MetricDefinition(name, .counter, unit: unit, help, labels: labels)
    }

    /// A value that goes up and down.
    package static func gauge(_ name: String, unit: String, _ help: String, labels: [String] = []) -> MetricDefinition {
        MetricDefinition(name, .gauge, unit: unit, help, labels: labels)
    }

    /// Counts of values by size.
    package static func histogram(
        _ name: String, unit: String, _ help: String, labels: [String] = [], bounds: [Double]
    ) -> MetricDefinition {
        MetricDefinition(name, .histogram, unit: unit, help, labels: labels, bounds: bounds)
    }
}

/// Upper bounds in seconds.
package enum MetricBounds {
    /// For network calls.
    package static let calls = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
    /// For what may wait for a destination to come back: up to a day.
    package static let waits = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400]
}
