/// What a process said of itself at one moment. Pure.
struct ProcessSample: Sendable {
    enum State: String, Sendable {
        case ready
        /// It lives, and does not take work: starting, draining, or its output is away.
        case waiting
        /// Its loop makes no progress.
        case stuck
        /// Nobody answers.
        case down
    }

    var name: String
    var state: State
    var metrics: MetricsText?
    /// When it was asked.
    var at: ContinuousClock.Instant
    /// Why it is not ready, in its own words.
    var reason: String?
}

/// A column of the live view: which numbers it shows. The first that a process has counts.
struct WatchColumn: Sendable {
    enum Kind: Sendable {
        /// How much a counter grows in a second.
        case rate
        case sum
        case maximum
    }

    let title: String
    /// The member of JSON.
    let name: String
    let kind: Kind
    /// Names of metrics without `notificationhub_`.
    let metrics: [String]
    /// Columns of a higher number leave first where the terminal is narrow.
    let rank: Int

    static let all: [WatchColumn] = [
        .init(
            title: "IN/s", name: "in_per_second", kind: .rate,
            metrics: ["core_records_consumed_total", "records_read_total"], rank: 2),
        .init(
            title: "OUT/s", name: "out_per_second", kind: .rate,
            metrics: ["core_notifications_produced_total", "notifications_total"], rank: 3),
        .init(title: "LAG", name: "lag", kind: .sum, metrics: ["lag_records"], rank: 1),
        .init(
            title: "OLDEST s", name: "oldest_seconds", kind: .maximum, metrics: ["oldest_undelivered_seconds"], rank: 8),
        .init(title: "FLIGHT", name: "in_flight", kind: .sum, metrics: ["in_flight"], rank: 5),
        .init(title: "WAITING", name: "waiting", kind: .sum, metrics: ["waiting"], rank: 7),
        .init(title: "CIRCUITS", name: "open_circuits", kind: .sum, metrics: ["circuit_open"], rank: 4),
        .init(
            title: "DEAD", name: "dead_letters", kind: .sum,
            metrics: ["core_events_rejected_total", "dead_letters_total"], rank: 6),
    ]

    /// The column's number; nil where the process does not have it, and for a rate without an earlier sample.
    func value(_ sample: ProcessSample, since earlier: ProcessSample?) -> Double? {
        guard let now = read(sample) else { return nil }
        guard kind == .rate else { return now }
        guard let earlier, let before = read(earlier) else { return nil }
        let seconds = (sample.at - earlier.at) / .seconds(1)
        // A counter that went back is of a process that was started anew.
        return seconds > 0 && now >= before ? (now - before) / seconds : nil
    }

    private func read(_ sample: ProcessSample) -> Double? {
        guard let text = sample.metrics else { return nil }
        for metric in metrics {
            let name = "notificationhub_\(metric)"
            if let value = kind == .maximum ? text.maximum(name) : text.sum(name) { return value }
        }
        return nil
    }
}
