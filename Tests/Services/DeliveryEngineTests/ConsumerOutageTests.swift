import Delivery
import Kafka
import Lifecycle
import Synchronization
import TestKit
import Testing
import Time
import Transfer

@testable import DeliveryEngine

/// What receivers and the broker do in bad times, and what must not follow from it.
@Suite(.timeLimit(.minutes(2)))
struct ConsumerOutageTests {
    /// Every answer is a 500 or a 503 for many times the longest tier, then every answer is good: of what has used up its
    /// attempts the flood guard lets no more than its burst become dead letters, and all the rest is delivered once.
    @Test func aSinkThatFailsForLongLosesNothing() throws {
        let each = 20
        let works = Mutex(false)
        let harness = try ConsumerHarness { id, _ in
            if works.withLock({ $0 }) { return 200 }
            return id.hasPrefix("down") ? 503 : 500
        }
        harness.settings.retry.maxRetries = 4
        harness.settings.retry.memoryRetries = 1
        harness.settings.circuit.cooldown = .milliseconds(20)
        harness.settings.parkAfter = .milliseconds(50)
        harness.settings.floodGuard.burst = 3
        harness.settings.floodGuard.share = 0
        let running = harness.start()
        for number in 0..<each {
            for endpoint in ["broken", "down"] {
                try harness.notify("\(endpoint)\(number)", to: endpoint, key: "\(number)")
            }
        }
        // Each that is held back has been through all the tiers, again and again.
        try eventually({ (running.metric("flood_held_total") ?? 0) >= 4 * each })
        #expect(running.metric("dead_letters_total") == 3)
        works.withLock { $0 = true }
        try eventually({ running.metric("notifications_total", #"outcome="delivered""#) == 2 * each - 3 })
        let letters = try harness.read([harness.settings.deadLetterTopic]) { $0.count >= 3 }
        #expect(letters.count == 3)
        #expect(letters.allSatisfy { $0.headers.text("x-dlq-error-class") == "exhausted" })
        #expect(letters.allSatisfy { $0.headers.text("x-retry-attempt") == "5" })
        #expect(running.metric("rebalances_total", #"kind="assigned""#) == 1 + harness.settings.tiers.count)
        #expect(running.metric("rebalances_total", #"kind="revoked""#) == 0)
        #expect(running.end() == .ok)
        #expect(harness.transfer.counts.count == 2 * each)
        #expect(running.metric("attempts_total", #"outcome="delivered""#) == 2 * each - 3)
    }

    /// A process without descriptors learns nothing of its destinations: it opens no circuit, and closes none.
    @Test func aShortageOfDescriptorsSaysNothingOfADestination() throws {
        let status = Mutex(ScriptedTransfer.noDescriptor)
        let harness = try ConsumerHarness { _, _ in status.withLock { $0 } }
        harness.settings.retry.maxRetries = 1_000
        harness.settings.circuit.consecutive = 3
        harness.settings.circuit.cooldown = .milliseconds(20)
        harness.settings.circuit.maximumCooldown = .milliseconds(20)
        harness.settings.parkAfter = .seconds(30)
        let running = harness.start()
        let isOpen = { running.seconds("circuit_open") > 0 }
        let attempts = { running.metric("attempts_total") ?? 0 }
        for number in 0..<20 { try harness.notify("n\(number)", key: "\(number)") }
        try eventually({ attempts() >= 60 })
        #expect(!isOpen())
        status.withLock { $0 = 503 }
        try eventually(isOpen)
        status.withLock { $0 = ScriptedTransfer.noDescriptor }
        let before = attempts()
        try eventually({ attempts() >= before + 5 })
        #expect(isOpen())
        status.withLock { $0 = 200 }
        try eventually({ running.metric("notifications_total", #"outcome="delivered""#) == 20 })
        #expect(running.end() == .ok)
    }

    /// What each endpoint of ``receiversThatMisbehaveCostOnlyTheirOwnTime`` does with a request that was read.
    private static let misdeeds: [(name: String, code: String, serve: @Sendable (StubConnection) -> Void)] = [
        ("hangs", "timeout", { $0.drain() }),
        (
            "loris", "timeout",
            { connection in
                connection.write("HTTP/1.1 200 OK\r\nX-Slow: ")
                while connection.write("x") { Latch().wait(timeout: .milliseconds(5)) }
            }
        ),
        ("resets", "reset", { $0.reset() }),
    ]

    /// Real sockets: receivers that hang, trickle, reset, speak no TLS or have no name, beside a healthy one.
    @Test func receiversThatMisbehaveCostOnlyTheirOwnTime() throws {
        let busy = Mutex((now: 0, most: 0))
        let server = StubServer { connection in
            while let request = connection.readRequest() {
                busy.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                defer { busy.withLock { $0.now -= 1 } }
                if let misdeed = Self.misdeeds.first(where: { request.head[0].contains("/\($0.name)") }) {
                    return misdeed.serve(connection)
                }
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
        }
        defer { server.stop() }
        let port = server.port
        let codes = Dictionary(uniqueKeysWithValues: Self.misdeeds.map { ($0.name, $0.code) })
            .merging(["tls": "tls", "nameless": "dns"]) { $1 }
        let harness = try ConsumerHarness { _, _ in nil }
        harness.settings.maxInFlight = 8
        harness.settings.retry.maxRetries = 1
        let limit = Duration.milliseconds(300)
        let transfers = TransferSettings(allowNetworks: [try NetworkRange("127.0.0.0/8")])
        let gaps = Gaps()
        let running = harness.start { parts in
            parts.channel = FakeChannel(
                url: { endpoint in
                    switch endpoint {
                    case "tls": "https://127.0.0.1:\(port)/"
                    case "nameless": "https://no-such-host.invalid/"
                    default: "http://127.0.0.1:\(port)/\(endpoint)"
                    }
                }, timeout: limit)
            parts.makeTransfer = { onCompletion throws(TransferFailure) in
                try TransferThread(settings: transfers, onCompletion: onCompletion)
            }
            parts.beat = { gaps.beat() }
        }
        try harness.notify("first", to: "healthy")
        try eventually({ running.metric("notifications_total", #"outcome="delivered""#) == 1 })
        gaps.start()
        let each = 6
        for number in 0..<each {
            for endpoint in codes.keys { try harness.notify("\(endpoint)\(number)", to: endpoint, key: "\(number)") }
            try harness.notify("h\(number)", to: "healthy", key: "\(number)")
        }
        let letters = try harness.read([harness.settings.deadLetterTopic]) { $0.count >= each * codes.count }
        gaps.stop()
        #expect(letters.count == each * codes.count)
        for (endpoint, code) in codes {
            let mine = letters.filter { String(decoding: $0.value ?? [], as: UTF8.self).contains("\"\(endpoint)\"") }
            #expect(mine.count == each && mine.allSatisfy { $0.headers.text("x-retry-attempt") == "2" })
            #expect(running.metric("attempts_total", "destination=\"\(endpoint)\"") == each * 2, "\(code)")
        }
        #expect(running.metric("notifications_total", #"outcome="delivered""#) == each + 1)
        #expect(running.end() == .ok)
        #expect(busy.withLock { $0.most } <= 8)
        #expect(gaps.longest < .seconds(1))
        #expect(gaps.count > 0)
    }

    /// Neither a dead letter nor a retry record can be written, for two reasons one after the other: meanwhile the
    /// committed offset stays, afterwards each is written once.
    @Test func whatCannotBeWrittenHoldsItsOffset() throws {
        let harness = try ConsumerHarness { id, count in
            if count == 1 { return nil }
            return id.hasPrefix("again") ? 200 : 400
        }
        harness.settings.statusTopic = nil
        harness.settings.retry.memoryRetries = 0
        // Letters are given up by librdkafka, and come back to the engine, within the test.
        harness.settings.kafka.properties.append(("message.timeout.ms", "1500"))
        let running = harness.start()
        // 3 UNKNOWN_TOPIC_OR_PART; 45 OUT_OF_ORDER_SEQUENCE_NUMBER, after which the client is rebuilt at once.
        let faults: [(name: String, isLasting: Bool, begin: () -> Void)] = [
            ("topic-missing", true, { harness.cluster.fail(.produce, with: Array(repeating: 3, count: 60)) }),
            ("fatal-producer", false, { harness.cluster.fail(.produce, with: [45, 45]) }),
        ]
        for (index, fault) in faults.enumerated() {
            try harness.notify("dead-\(fault.name)", key: "1")
            try harness.notify("again-\(fault.name)", to: "other", key: "1")
            try eventually({ harness.transfer.hanging.count == 2 })
            try eventually({ running.metric("uncommitted_records") == 0 })
            // The gauge is measured twice a second, and what it did not see yet is committed meanwhile.
            Latch().wait(timeout: .milliseconds(800))
            let commits = running.metric("commits_total")
            fault.begin()
            harness.transfer.answer(400) { $0.hasPrefix("dead") }
            harness.transfer.answer(500) { $0.hasPrefix("again") }
            if fault.isLasting {
                try eventually({ running.metric("unacknowledged_sends") == 2 })
                // A commit would follow within 200 ms.
                Latch().wait(timeout: .milliseconds(500))
                #expect(running.metric("commits_total") == commits, "\(fault.name)")
            }
            try eventually({ harness.transfer.count("again-\(fault.name)") == 2 })
            try eventually({ running.metric("buffered_records") == 0 && running.metric("uncommitted_records") == 0 })
            #expect(running.metric("dead_letters_total") == index + 1)
        }
        let letters = try harness.read([harness.settings.deadLetterTopic]) { $0.count >= faults.count }
        let retries = try harness.read([harness.settings.retryTopic(0)]) { $0.count >= faults.count }
        #expect(running.end() == .ok)
        #expect(letters.count == faults.count && retries.count == faults.count)
        #expect((running.metric("producer_rebuilds_total") ?? 0) > 0)
        #expect(harness.transfer.attempts.count == faults.count * 3)
    }

    /// The broker is away for longer than a client keeps trying, while a dead letter and a retry record are to be
    /// written: the alarm is up and nothing counts as done. What it cannot have taken is written once when it is back,
    /// and then committed. (Where the group gives the partitions away meanwhile, or an answer is lost, there may be
    /// more of them; never less.)
    @Test func aBrokerThatIsAwayLosesNoLetter() throws {
        let harness = try ConsumerHarness { id, count in
            if id.hasPrefix("last") { return 200 }
            return count == 1 ? nil : 200
        }
        harness.settings.statusTopic = nil
        harness.settings.retry.memoryRetries = 0
        harness.settings.kafka.properties += [("message.timeout.ms", "1500"), ("session.timeout.ms", "60000")]
        let running = harness.start()
        try harness.notify("dead", key: "1")
        try harness.notify("again", to: "other", key: "1")
        try eventually({ harness.transfer.hanging.count == 2 })
        // A group that was about to be joined would only be asked again after its session.
        try eventually({ running.readiness == "ok" })
        harness.cluster.setBroker(down: true)
        harness.transfer.answer(400) { $0 == "dead" }
        harness.transfer.answer(500) { $0 == "again" }
        // Each try is given up by librdkafka; all of them are tried again.
        try eventually({ (running.metric("send_failures_total") ?? 0) >= 4 })
        #expect(running.metric("failed_sends") ?? 0 > 0 || running.metric("unacknowledged_sends") == 2)
        #expect(running.metric("buffered_records") == 2 && running.metric("uncommitted_records") == 0)
        harness.cluster.setBroker(down: false)
        try eventually({ harness.transfer.count("again") == 2 })
        try eventually({ running.metric("buffered_records") == 0 && running.metric("uncommitted_records") == 0 })
        let letters = try harness.read([harness.settings.deadLetterTopic]) { $0.count >= 1 }
        let retries = try harness.read([harness.settings.retryTopic(0)]) { $0.count >= 1 }
        #expect(letters.count == 1 && retries.count == 1)
        // It goes on as before, and nothing came twice.
        try harness.notify("last", key: "1")
        try eventually({ harness.transfer.count("last") == 1 })
        #expect(running.end() == .ok)
        #expect(harness.transfer.counts == ["dead": 1, "again": 2, "last": 1])
    }
}

/// The times between two beats of a loop. Safe to use from any thread.
private final class Gaps: Sendable {
    private struct State {
        var last: ContinuousClock.Instant?
        var longest: Duration = .zero
        var count = 0
        var isOn = false
    }

    private let state = Mutex(State())

    func start() { state.withLock { $0.isOn = true } }
    func stop() { state.withLock { $0.isOn = false } }

    func beat() {
        let now = ContinuousClock.now
        state.withLock { state in
            if state.isOn, let last = state.last {
                state.longest = max(state.longest, now - last)
                state.count += 1
            }
            state.last = now
        }
    }

    var longest: Duration { state.withLock { $0.longest } }
    var count: Int { state.withLock { $0.count } }
}
