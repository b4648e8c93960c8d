/// All samples of one name. Everything but the numbers is rendered when a sample is added.
struct MetricFamily: Sendable {
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    private struct Series: Sendable {
        let labels: MetricLabels
        let sample: MetricSample
        /// What stands before each number of the sample.
        let prefixes: [[UInt8]]
    }

    private let name: String
    private let kind: Kind
    private let head: [UInt8]
    private var series: [Series] = []

    /// The family of `name`, which is created when it is new.
    static func index(of name: String, _ help: String, _ kind: Kind, in families: inout [MetricFamily]) -> Int {
        if let index = families.firstIndex(where: { $0.name == name }) {
            precondition(families[index].kind == kind, "the metric \(name) exists as another kind")
            return index
        }
        precondition(name.hasPrefix("notificationhub_"), "the metric \(name) must begin with notificationhub_")
        families.append(MetricFamily(name: name, help: help, kind: kind))
        return families.count - 1
    }

    private init(name: String, help: String, kind: Kind) {
        self.name = name
        self.kind = kind
        let help = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        head = Array("# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n".utf8)
    }

    func sample(with labels: MetricLabels) -> MetricSample? { series.first { $0.labels == labels }?.sample }

    /// Adds a sample, or replaces the one with the same labels.
    mutating func add(_ sample: MetricSample, labels: MetricLabels) {
        series.removeAll { $0.labels == labels }
        series.append(Series(labels: labels, sample: sample, prefixes: prefixes(of: sample, labels: labels.text)))
    }

    func render(into output: inout [UInt8]) {
        output += head
        for series in series {
            switch series.sample {
            case .counter(let counter): Self.append(series.prefixes[0], "\(counter.value)", to: &output)
            case .gauge(let gauge): Self.append(series.prefixes[0], gauge.current, to: &output)
            case .computed(let read): Self.append(series.prefixes[0], read(), to: &output)
            case .histogram(let histogram):
                let counts = histogram.cumulative
                for (prefix, count) in zip(series.prefixes, counts) { Self.append(prefix, "\(count)", to: &output) }
                Self.append(series.prefixes[counts.count], histogram.total, to: &output)
                Self.append(series.prefixes[counts.count + 1], "\(counts.last ?? 0)", to: &output)
            }
        }
    }

    private func prefixes(of sample: MetricSample, labels: String) -> [[UInt8]] {
        let braces = labels.isEmpty ? "" : "{\(labels)}"
        guard case .histogram(let histogram) = sample else { return [Array("\(name)\(braces) ".utf8)] }
        let separator = labels.isEmpty ? "" : ","
        let bounds = histogram.bounds.map(Self.text) + ["+Inf"]
        return bounds.map { Array("\(name)_bucket{\(labels)\(separator)le=\"\($0)\"} ".utf8) }
            + [Array("\(name)_sum\(braces) ".utf8), Array("\(name)_count\(braces) ".utf8)]
    }

    private static func append(_ prefix: [UInt8], _ value: Double, to output: inout [UInt8]) {
        guard !value.isNaN else { return }
        append(prefix, text(value), to: &output)
    }

    private static func append(_ prefix: [UInt8], _ value: String, to output: inout [UInt8]) {
        output += prefix
        output += value.utf8
        output.append(UInt8(ascii: "\n"))
    }

    /// Whole numbers without a fraction.
    private static func text(_ value: Double) -> String {
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }
}
