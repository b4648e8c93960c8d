/// All samples of one definition. Everything but the numbers is rendered when a sample is added.
struct MetricFamily: Sendable {
    /// Gives the samples of a family that are known only when they are asked for.
    typealias Collect = @Sendable (_ add: (_ values: [String], _ value: Double) -> Void) -> Void

    private struct Series: Sendable {
        let labels: MetricLabels
        let sample: MetricSample
        /// What stands before each number of the sample.
        let prefixes: [[UInt8]]
    }

    private let definition: MetricDefinition
    private let head: [UInt8]
    private var series: [Series] = []
    private var collect: Collect?

    /// The family of `definition`, which is created when it is new.
    static func index(of definition: MetricDefinition, in families: inout [MetricFamily]) -> Int {
        if let index = families.firstIndex(where: { $0.definition.name == definition.name }) {
            precondition(families[index].definition == definition, "\(definition.name) is defined twice")
            return index
        }
        families.append(MetricFamily(definition))
        return families.count - 1
    }

    private init(_ definition: MetricDefinition) {
        self.definition = definition
        let help = definition.help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        let name = definition.name
        head = Array("# HELP \(name) \(help)\n# TYPE \(name) \(definition.kind.rawValue)\n".utf8)
    }

    func sample(with labels: MetricLabels) -> MetricSample? { series.first { $0.labels == labels }?.sample }

    /// Adds a sample, or replaces the one with the same labels.
    mutating func add(_ sample: MetricSample, labels: MetricLabels) {
        series.removeAll { $0.labels == labels }
        series.append(Series(labels: labels, sample: sample, prefixes: prefixes(of: sample, labels: labels.text)))
    }

    /// Asks for further samples each time.
    mutating func set(collect: @escaping Collect) { self.collect = collect }

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
        collect? { values, value in
            Self.append(prefix(MetricLabels(definition.labels, values).text), value, to: &output)
        }
    }

    private func prefix(_ labels: String) -> [UInt8] {
        Array("\(definition.name)\(labels.isEmpty ? "" : "{\(labels)}") ".utf8)
    }

    private func prefixes(of sample: MetricSample, labels: String) -> [[UInt8]] {
        guard case .histogram(let histogram) = sample else { return [prefix(labels)] }
        let name = definition.name
        let braces = labels.isEmpty ? "" : "{\(labels)}"
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
