package import Telemetry

extension EngineMetrics {
    package static var definitions: [MetricDefinition] { Definitions.all }

    /// What a channel's consumer measures.
    enum Definitions {
        static let recordsRead = counter(
            "records_read_total", unit: "records", "Records read from the channel's main topic.")
        static let recordsRetried = counter(
            "retry_records_read_total", unit: "records", "Records taken up again from retry topics.")
        static let attempts = counter(
            "attempts_total", unit: "attempts",
            "Delivery attempts that ended. outcome is delivered, sent (handed over), retry, ambiguous, rejected, closed, "
                + "stopped or suppressed; code is the peer's answer, such as http_503.",
            labels: ["destination", "outcome", "code"])
        static let attemptSeconds = histogram(
            "attempt_seconds", unit: "seconds", "Duration of delivery attempts.", labels: ["destination"],
            bounds: MetricBounds.calls)
        static let notifications = counter(
            "notifications_total", unit: "notifications",
            "Notifications that reached an end. outcome is delivered, sent, suppressed, expired or dead_letter; class says "
                + "why, none where all went well.", labels: ["outcome", "class"])
        static let eventToDelivered = histogram(
            "event_to_delivered_seconds", unit: "seconds",
            "From the event's own time to the delivery of its notification.", bounds: MetricBounds.waits)
        static let retries = counter(
            "retries_scheduled_total", unit: "retries",
            "Records that wait for another turn, by the place where they wait: memory, or the retry topic's delay. Records "
                + "that are moved aside without an attempt count in the shortest one.", labels: ["tier"])
        static let deadLetters = counter(
            "dead_letters_total", unit: "records", "Records moved to the dead letter topic, by x-dlq-error-class.",
            labels: ["class"])
        static let parked = counter(
            "parked_total", unit: "records", "Records moved aside to the shortest retry topic without an attempt.")
        static let floodHeld = counter(
            "flood_held_total", unit: "records", "Exhausted records held back from the dead letter topic.")
        static let statusDropped = counter(
            "status_dropped_total", unit: "records", "Status records that the topic refused for good: an alarm.")
        static let duplicatesSkipped = counter(
            "duplicates_skipped_total", unit: "records", "Records that this process had delivered already.")
        static let completedSkipped = counter(
            "completed_skipped_total", unit: "records", "Records that were done before a restart.")
        static let inFlight = gauge("in_flight", unit: "attempts", "Attempts in flight.")
        static let waiting = gauge("waiting", unit: "records", "Records that wait in memory for their turn.")
        static let buffered = gauge("buffered_records", unit: "records", "Records in memory.")
        static let oldestUndelivered = gauge(
            "oldest_undelivered_seconds", unit: "seconds",
            "How long ago the oldest notification in hand was written to the main topic; 0 where there is none.")
        static let circuitOpen = gauge(
            "circuit_open", unit: "1",
            "1 while a destination's circuit is open, 0.5 while it is tried again, 0 while it is closed. Beyond 256 "
                + "destinations the others share one sample, `other`, which is the worst of them.",
            labels: ["destination"])
        static let channelStopped = gauge(
            "channel_stopped", unit: "1", "1 while the channel's credentials are refused: an alarm.")
        static let closedEndpoints = gauge(
            "closed_endpoints", unit: "endpoints", "Endpoints that asked not to be called any more.")
        static let unacknowledged = gauge(
            "unacknowledged_sends", unit: "records", "Retry, dead letter and status records without acknowledgement.")
        static let uncommitted = gauge(
            "uncommitted_records", unit: "records", "Records that are done and not yet committed.")
        static let failedSends = gauge(
            "failed_sends", unit: "records", "Retry, dead letter and status records whose last send failed: an alarm.")
        static let sendFailures = counter(
            "send_failures_total", unit: "sends", "Sends to Kafka that failed; kind is retry, dead_letter or status.",
            labels: ["kind", "code"])
        static let producerRebuilds = counter(
            "producer_rebuilds_total", unit: "clients", "How often the producer was replaced after a fatal error.")
        static let commits = counter("commits_total", unit: "commits", "Offset commits that succeeded.")
        static let commitFailures = counter("commit_failures_total", unit: "commits", "Offset commits that failed.")
        static let rewinds = counter(
            "offset_rewinds_total", unit: "partitions",
            "Partitions that went back below what was committed, because the log was truncated or made anew.")
        static let pausedPartitions = gauge(
            "paused_partitions", unit: "partitions", "Partitions that are not read at the moment.")

        static let all = [
            recordsRead, recordsRetried, attempts, attemptSeconds, notifications, eventToDelivered, retries,
            deadLetters,
            parked, floodHeld, statusDropped, duplicatesSkipped, completedSkipped, inFlight, waiting, buffered,
            oldestUndelivered,
            circuitOpen, channelStopped, closedEndpoints, unacknowledged, uncommitted, failedSends, sendFailures,
            producerRebuilds,
            commits, commitFailures, rewinds, pausedPartitions,
        ]

        // Every one has the channel for its first label.

        private static func counter(
            _ name: String, unit: String, _ help: String, labels: [String] = []
        ) -> MetricDefinition { .counter(name, unit: unit, help, labels: ["channel"] + labels) }

        private static func gauge(
            _ name: String, unit: String, _ help: String, labels: [String] = []
        ) -> MetricDefinition { .gauge(name, unit: unit, help, labels: ["channel"] + labels) }

        private static func histogram(
            _ name: String, unit: String, _ help: String, labels: [String] = [], bounds: [Double]
        ) -> MetricDefinition { .histogram(name, unit: unit, help, labels: ["channel"] + labels, bounds: bounds) }
    }
}
