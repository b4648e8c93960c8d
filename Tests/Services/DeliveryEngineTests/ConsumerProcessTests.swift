import Delivery
import JSONBytes
import Kafka
import Lifecycle
import Testing
import Time

@testable import DeliveryEngine

/// The whole engine on librdkafka's mock cluster. A group's first join takes three seconds there, so each test walks
/// through a lot.
@Suite(.timeLimit(.minutes(5)))
struct ConsumerProcessTests {
    private static func field(_ record: OwnedRecord, _ name: String) -> String? {
        guard let value = record.value else { return nil }
        let document = JSONDocument()
        return value.withUnsafeBytes { bytes in
            guard let root = try? document.parse(bytes), let field = JSONPath(name).value(in: root) else { return nil }
            return field.kind == .string ? field.string : String(decoding: field.json, as: UTF8.self)
        }
    }

    private static let answers: @Sendable (String, Int) -> Int? = { id, count in
        switch id {
        case "ok", "closed-too", "after-the-last": 200
        case "the-last": 299
        case "later": count <= 5 ? 500 : 200
        case "never": 500
        case "bad": 400
        case "gone": 410
        case "doubt": 599
        case "unwanted": 421
        default: nil
        }
    }

    @Test func everyEndOfARecord() throws {
        let harness = try ConsumerHarness(Self.answers)
        harness.settings.retry.maxRetries = 5
        let running = harness.start()
        try harness.notify("ok", key: "1")
        try harness.notify("later", key: "2")
        try harness.notify("never", key: "3")
        try harness.notify("bad", key: "4")
        try harness.notify("gone", to: "closing", key: "5")
        try harness.notify("the-last", to: "full", key: "5")
        try harness.notify("after-the-last", to: "full", key: "5")
        try harness.notify("doubt", key: "6")
        try harness.notify("unwanted", key: "7")
        try harness.notify("late", key: "8", expires: "2020-01-01T00:00:00Z")
        try harness.notify("lost", to: "nowhere", key: "9")
        try harness.notify("waits", to: "other", key: "8", expires: "2099-01-01T00:00:00Z")
        try harness.send(Array("no json".utf8), key: "10")
        try harness.send(nil, key: "11")
        try eventually({ harness.transfer.count("gone") == 1 })
        try harness.notify("closed-too", to: "closing", key: "12")
        try eventually({ harness.transfer.hanging.contains("waits") })
        harness.transfer.expire("waits")
        try eventually({ harness.transfer.count("later") == 6 && harness.transfer.count("never") == 6 })

        let letters = try harness.read([harness.settings.deadLetterTopic]) { $0.count >= 9 }
        #expect(running.end() == .ok)
        let classes = letters.map { "\(Self.field($0, "id") ?? "-") \($0.headers.text("x-dlq-error-class") ?? "")" }
        #expect(
            Set(classes) == [
                "never exhausted", "bad permanent", "gone endpoint_closed", "closed-too endpoint_closed",
                "doubt in_doubt", "lost unknown_endpoint", "- malformed", "after-the-last endpoint_closed",
            ])
        #expect(letters.count == 9)
        #expect(harness.transfer.count("closed-too") == 0 && harness.transfer.count("after-the-last") == 0)
        #expect(harness.transfer.count("the-last") == 1 && harness.transfer.count("late") == 0)
        #expect(harness.transfer.attempts.allSatisfy { $0.trace == "trace" })
        try checkLetter(letters, harness)
        try checkRetries(harness)
        try checkStatus(harness)
    }

    /// The exhausted one was last read from a retry topic, but its letter speaks of the main topic.
    private func checkLetter(_ letters: [OwnedRecord], _ harness: ConsumerHarness) throws {
        let never = try #require(letters.first { Self.field($0, "id") == "never" })
        #expect(never.key == Array("3".utf8))
        let headers = never.headers
        #expect(
            headers.list.prefix(3).map { String(decoding: $0.name, as: UTF8.self) } == [
                "traceparent", "double", "double",
            ])
        #expect(headers.text("x-dlq-original-topic") == "notifications.webhook")
        #expect(headers.text("x-dlq-original-group") == "webhook-consumer")
        #expect(headers.text("x-dlq-error-code") == "http_500" && headers.text("x-dlq-error-stage") == "deliver")
        #expect(headers.text("x-retry-attempt") == "6" && headers.text("x-dlq-redrive-count") == "0")
        #expect(headers["x-retry-origin"] == nil && headers["x-retry-not-before"] == nil)
        let offset = try #require(headers.text("x-dlq-original-offset").flatMap { Int64($0) })
        #expect(headers["kafka_dlt-original-offset"] == withUnsafeBytes(of: offset.bigEndian) { Array($0) })
        #expect(headers["kafka_dlt-original-partition"]?.count == 4)
        let names = headers.list.map(\.name)
        #expect(Set(names).count == names.count - 1)
    }

    /// `later`: four attempts in memory, then one a tier, none of them before it was due.
    private func checkRetries(_ harness: ConsumerHarness) throws {
        let topics = [harness.settings.retryTopic(0), harness.settings.retryTopic(1)]
        let records = try harness.read(topics) { $0.count >= 4 }
        let mine = records.filter { Self.field($0, "id") == "later" }
        #expect(mine.map(\.topic) == topics || mine.map(\.topic) == topics.reversed())
        for record in mine {
            let tier = record.topic == topics[0] ? 0 : 1
            #expect(record.headers.text("x-retry-attempt") == "\(4 + tier)")
            let notBefore = try #require(record.headers.text("x-retry-not-before").flatMap { Int64($0) })
            #expect(abs(notBefore - record.timestamp - [200, 400][tier]) <= 100)
            #expect(record.headers.list.count == 7)
        }
        let attempts = harness.transfer.attempts.filter { $0.id == "later" }
        #expect(attempts.map(\.number) == [1, 2, 3, 4, 5, 6])
        // Records carry whole milliseconds, rounded down.
        #expect(attempts[4].at - attempts[3].at >= .milliseconds(199))
        #expect(attempts[5].at - attempts[4].at >= .milliseconds(399))
    }

    private func checkStatus(_ harness: ConsumerHarness) throws {
        let topic = try #require(harness.settings.statusTopic)
        let records = try harness.read([topic]) { $0.count >= 23 }
        func words(_ id: String) -> [String] {
            records.filter { Self.field($0, "id") == id }.map { record in
                ["status", "attempt", "final"].map { Self.field(record, $0) ?? "-" }.joined(separator: " ")
            }
        }
        #expect(words("ok") == ["delivered 1 true"])
        #expect(words("never") == (1...5).map { "retrying \($0) false" } + ["failed 6 true"])
        #expect(words("later") == (1...5).map { "retrying \($0) false" } + ["delivered 6 true"])
        #expect(words("bad") == ["failed 1 true"] && words("gone") == ["failed 1 true"])
        #expect(words("doubt") == ["ambiguous 1 true"] && words("unwanted") == ["suppressed 1 true"])
        #expect(words("the-last") == ["delivered 1 true"] && words("after-the-last") == ["failed 0 true"])
        #expect(words("late") == ["expired 0 true"] && words("waits") == ["expired 0 true"])
        #expect(words("lost") == ["failed 0 true"])
        let ok = try #require(records.first { Self.field($0, "id") == "ok" })
        #expect(ok.key == Array("ok".utf8) && Self.field(ok, "duration_ms") == "3")
        #expect(Self.field(ok, "destination") == "orders" && Self.field(ok, "event_id") == "e-ok")
        #expect(Self.field(ok, "detail") == #"{"size":7}"#)
        let last = try #require(records.first { Self.field($0, "id") == "the-last" })
        #expect(Self.field(last, "detail") == #"{"size":8,"endpoint_closed":"http_299"}"#)
    }

    /// What hangs holds the committed offset, but not what completed above it.
    @Test func aRestartRepeatsOnlyWhatWasInFlight() throws {
        let harness = try ConsumerHarness { id, count in id == "hangs" && count == 1 ? nil : 200 }
        harness.settings.onAmbiguous = .retry
        try harness.notify("hangs", key: "same")
        for number in 0..<50 { try harness.notify("n\(number)", to: "other", key: "same") }
        let first = harness.start()
        try eventually({ harness.transfer.attempts.count == 51 })
        #expect(first.end() == .ok)
        let second = harness.start()
        try eventually({ harness.transfer.count("hangs") == 2 })
        try harness.notify("last", key: "same")
        try eventually({ harness.transfer.count("last") == 1 })
        #expect(second.end() == .ok)
        #expect(harness.transfer.attempts.count == 53)
        #expect(second.metrics.contains(#"notificationhub_completed_skipped_total{channel="webhook"} 50"#))
    }

    /// Refused credentials stop the sending; nothing is dead-lettered, and a reload goes on.
    @Test func refusedCredentialsStopTheChannel() throws {
        let harness = try ConsumerHarness { _, count in count == 1 ? 401 : 200 }
        let running = harness.start()
        try harness.notify("a", key: "1")
        try eventually({ harness.transfer.count("a") == 1 })
        try eventually({ running.metrics.contains(#"notificationhub_channel_stopped{channel="webhook"} 1"#) })
        try harness.notify("b", key: "2")
        try eventually({ running.metrics.contains(#"notificationhub_waiting{channel="webhook"} 2"#) })
        #expect(harness.transfer.attempts.count == 1)
        // Time goes on meanwhile.
        try harness.notify("c", key: "3", expires: UnixTime.now().adding(.seconds(1)).rfc3339)
        let expired = #"notificationhub_notifications_total{channel="webhook",outcome="expired",class="expired"} 1"#
        try eventually({ running.metrics.contains(expired) })
        #expect(harness.transfer.attempts.count == 1)
        running.reload()
        try eventually({ harness.transfer.count("a") == 2 && harness.transfer.count("b") == 1 })
        running.reload()
        try eventually({ harness.transfer.count("b") == 2 })
        #expect(running.end() == .ok)
        #expect(running.metric("dead_letters_total") == 0)
    }

    /// A letter that cannot be written holds its record and raises an alarm; later it is written once.
    @Test func aFailingDeadLetterTopicHoldsTheRecord() throws {
        let harness = try ConsumerHarness { _, count in count == 1 ? 429 : 400 }
        harness.settings.statusTopic = nil
        let running = harness.start()
        try harness.notify("first", key: "1")
        try eventually({ harness.transfer.count("first") == 1 })
        // Not authorised: an error that librdkafka does not retry by itself.
        harness.cluster.fail(.produce, with: [29, 29])
        try eventually({ running.metrics.contains(#"notificationhub_failed_sends{channel="webhook"} 1"#) })
        #expect(running.metrics.contains(#"notificationhub_buffered_records{channel="webhook"} 1"#))
        try eventually({ running.metrics.contains(#"notificationhub_buffered_records{channel="webhook"} 0"#) })
        #expect(running.end() == .ok)
        #expect(try harness.read([harness.settings.deadLetterTopic]) { $0.count >= 1 }.count == 1)
        #expect(harness.transfer.count("first") == 2)
    }

    /// A floor beyond the longest tier: the record rests again, uncounted, and is not tried before.
    @Test(arguments: [430, 598])
    func aLongRetryAfterRestsTwice(status: Int) throws {
        let harness = try ConsumerHarness { _, count in count == 1 ? status : 200 }
        harness.settings.onAmbiguous = .retry
        harness.settings.retry.memoryBudget = .zero
        let running = harness.start()
        try harness.notify("slow", key: "1")
        try eventually({ harness.transfer.count("slow") == 2 })
        let records = try harness.read([harness.settings.retryTopic(1)]) { $0.count >= 2 }
        #expect(running.end() == .ok)
        let attempts = harness.transfer.attempts
        #expect(attempts.map(\.number) == [1, 2] && attempts[1].at - attempts[0].at >= .seconds(1))
        #expect(records.map { $0.headers.text("x-retry-attempt") } == ["1", "1"])
        #expect(Set(records.map { $0.headers.text("x-retry-origin") }).count == 1)
    }

    /// Nor does a probe go out before its destination's floor is over, whatever became of the one before.
    @Test func aProbeWaitsAsLongAsAnAmbiguousAnswerAsks() throws {
        let harness = try ConsumerHarness { _, count in count <= 2 ? 597 : 200 }
        harness.settings.onAmbiguous = .retry
        harness.settings.retry.memoryBudget = .zero
        harness.settings.circuit.consecutive = 1
        harness.settings.circuit.cooldown = .milliseconds(20)
        let running = harness.start()
        try harness.notify("slow", key: "1")
        try eventually({ harness.transfer.count("slow") == 3 })
        #expect(running.end() == .ok)
        let attempts = harness.transfer.attempts
        // The probe was none of the attempts that count.
        #expect(attempts.map(\.number) == [1, 2, 2])
        #expect(zip(attempts, attempts.dropFirst()).allSatisfy { $1.at - $0.at >= .seconds(1) })
    }

    /// What waits in memory because its destination asked for it waits for as long when another process takes over.
    @Test func aRetryAfterSurvivesARestart() throws {
        let harness = try ConsumerHarness { _, count in count == 1 ? 430 : 200 }
        let first = harness.start()
        try harness.notify("slow", key: "1")
        try eventually({ harness.transfer.count("slow") == 1 })
        #expect(first.end() == .ok)
        let second = harness.start()
        try eventually({ harness.transfer.count("slow") == 2 })
        #expect(second.end() == .ok)
        let attempts = harness.transfer.attempts
        #expect(attempts.map(\.number) == [1, 2] && attempts[1].at - attempts[0].at >= .seconds(1))
    }

    /// With strict order a lane waits for its first record as long as that is tried again; other lanes do not.
    @Test func strictOrderWaitsInTheLane() throws {
        let harness = try ConsumerHarness { id, count in id == "first" && count < 6 ? 500 : 200 }
        harness.settings.retry.isStrict = true
        let running = harness.start()
        for id in ["first", "second", "third"] { try harness.notify(id, key: "lane") }
        try harness.notify("other", key: "other lane")
        try eventually({ harness.transfer.count("third") == 1 })
        #expect(running.end() == .ok)
        let order = harness.transfer.attempts.map(\.id).filter { $0 != "other" }
        #expect(order == Array(repeating: "first", count: 6) + ["second", "third"])
        #expect(harness.transfer.attempts.prefix(5).contains { $0.id == "other" })
        for tier in ["200ms", "400ms"] {
            let moved = #"notificationhub_retries_scheduled_total{channel="webhook",tier="\#(tier)"}"#
            #expect(running.metrics.contains("\(moved) 0\n"))
        }
    }

    /// Too large for the dead letter topic: the first 64 KiB and the original size.
    @Test func aLetterThatIsTooLargeIsCut() throws {
        let harness = try ConsumerHarness { _, count in count == 1 ? 429 : 400 }
        harness.settings.statusTopic = nil
        let running = harness.start()
        let padding = String(repeating: " ", count: 100_000)
        try harness.notify("large", key: "1", padding: padding)
        try eventually({ harness.transfer.count("large") == 1 })
        harness.cluster.fail(.produce, with: [10])
        let letters = try harness.read([harness.settings.deadLetterTopic]) { $0.count >= 1 }
        #expect(running.end() == .ok)
        #expect(letters.first?.value?.count == 65_536 && letters.count == 1)
        let size = try #require(letters.first?.headers.text("x-dlq-truncated").flatMap { Int($0) })
        #expect(size > 100_000)
    }

    /// What the group took away without asking, and gives to the same process again, is not sent again; nor is what is
    /// still under way.
    @Test func whatComesBackIsNotSentAgain() throws {
        let harness = try ConsumerHarness { id, _ in id == "hangs" ? nil : 200 }
        // Nothing is committed before.
        harness.settings.commitInterval = .seconds(60)
        let running = harness.start()
        for number in 0..<10 { try harness.notify("n\(number)", key: "\(number)") }
        try harness.notify("hangs", key: "hangs")
        try eventually({ harness.transfer.attempts.count == 11 })
        let skipped = #"notificationhub_duplicates_skipped_total{channel="webhook"} "#
        // 25 UNKNOWN_MEMBER_ID: the assignment is lost.
        try eventually({ running.metrics.contains(skipped + "1") && !running.metrics.contains(skipped + "1\n") }) {
            harness.cluster.fail(.heartbeat, with: [25])
            Latch().wait(timeout: .milliseconds(500))
        }
        #expect(running.end() == .ok)
        #expect(harness.transfer.attempts.count == 11)
    }

    /// A status that its topic refuses is dropped aloud, and its notification is done.
    @Test func aRefusedStatusIsDropped() throws {
        let harness = try ConsumerHarness { _, count in count == 1 ? 429 : 200 }
        let running = harness.start()
        try harness.notify("first", key: "1")
        try eventually({ harness.transfer.count("first") == 1 })
        // 10 MESSAGE_TOO_LARGE, for one of its two.
        harness.cluster.fail(.produce, with: [10])
        let dropped = #"notificationhub_status_dropped_total{channel="webhook"} 1"#
        let done = #"notificationhub_buffered_records{channel="webhook"} 0"#
        try eventually({ harness.transfer.count("first") == 2 && running.metrics.contains(dropped) })
        try eventually({ running.metrics.contains(done) })
        #expect(running.end() == .ok)
    }

    @Test(.timeLimit(.minutes(1)))
    func aClientThatLibrdkafkaRefusesIsAFaultOfTheConfiguration() throws {
        let harness = try ConsumerHarness { _, _ in nil }
        harness.settings.kafka.properties.append(("partition.assignment.strategy", "foo"))
        let running = harness.start()
        try eventually({ running.code != nil })
        #expect(running.end() == .configuration)
    }

    @Test func missingTopicsEndTheStart() throws {
        let harness = try ConsumerHarness { _, _ in 200 }
        harness.settings.startupTimeout = .milliseconds(100)
        harness.settings.deadLetterTopic = "not.there"
        let running = harness.start()
        try eventually({ running.code != nil })
        #expect(running.end() == .unavailable)
    }
}
