/// The samples of a Prometheus text answer, as far as sums need them. Pure.
struct MetricsText: Sendable, Equatable {
    struct Sample: Sendable, Equatable {
        let name: Substring
        /// What stands between the braces.
        let labels: Substring
        let value: Double
    }

    private let samples: [Substring: [Sample]]

    init(_ text: String) {
        var samples: [Substring: [Sample]] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let sample = Self.sample(line) else { continue }
            samples[sample.name, default: []].append(sample)
        }
        self.samples = samples
    }

    private static func sample(_ line: Substring) -> Sample? {
        // A label's value may hold blanks, so that the value is what comes behind the brace.
        let head: Substring
        let rest: Substring
        if let end = line.lastIndex(of: "}") {
            (head, rest) = (line[..<end], line[line.index(after: end)...])
        } else if let blank = line.firstIndex(of: " ") {
            (head, rest) = (line[..<blank], line[blank...])
        } else {
            return nil
        }
        guard let word = rest.split(separator: " ").first, let value = Double(word) else { return nil }
        guard let brace = head.firstIndex(of: "{") else { return Sample(name: head, labels: "", value: value) }
        return Sample(name: head[..<brace], labels: head[head.index(after: brace)...], value: value)
    }

    /// The sum of the series of a name; nil where there is none.
    ///
    /// - Parameter label: only series with it, such as `result="committed"`.
    func sum(_ name: String, label: String = "") -> Double? {
        guard let found = samples[name[...]] else { return nil }
        return found.filter { label.isEmpty || $0.labels.contains(label) }.reduce(0) { $0 + $1.value }
    }

    /// The largest of the series of a name; nil where there is none.
    func maximum(_ name: String) -> Double? { samples[name[...]]?.map(\.value).max() }
}
