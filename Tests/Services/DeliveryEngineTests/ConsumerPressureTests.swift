import Delivery
import Kafka
import Lifecycle
import Testing
import Time

@testable import DeliveryEngine

/// The engine where destinations are down, slow or limited, on librdkafka's mock cluster.
@Suite(.timeLimit(.minutes(5)))
struct ConsumerPressureTests {
    /// A dead destination's records leave through the shortest tier without an attempt, and come back when it is up.
    @Test func anOutageIsWaitedOut() throws {
        let outage = ContinuousClock.now + .seconds(7)
        let harness = try ConsumerHarness { id, _ in id.hasPrefix("dead") && ContinuousClock.now < outage ? 503 : 200 }
        harness.settings.circuit.consecutive = 1
        harness.settings.circuit.cooldown = .milliseconds(200)
        harness.settings.parkAfter = .milliseconds(50)
        // However few attempts there are: while it is down, none of its records is given up.
        harness.settings.retry.maxRetries = 1
        harness.settings.floodGuard.burst = 0
        let running = harness.start()
        for number in 0..<30 { try harness.notify("dead\(number)", to: "dead", key: "\(number)") }
        for number in 0..<5 { try harness.notify("ok\(number)", key: "\(number)") }
        try eventually({ (0..<5).allSatisfy { harness.transfer.count("ok\($0)") == 1 } })
        #expect(ContinuousClock.now < outage)
        let delivered = #"notificationhub_notifications_total{channel="webhook",outcome="delivered",class="none"} 35"#
        try eventually({ running.metrics.contains(delivered) })
        #expect(running.end() == .ok)
        #expect(running.metric("dead_letters_total") == 0)
        // Thirty records in seven seconds would be hundreds of attempts without a circuit.
        #expect(harness.transfer.attempts.count < 150)
    }

    /// What waits for an endpoint that asks for no more ends at once, not at the rate of its attempts.
    @Test func aClosedEndpointKeepsNothingWaiting() throws {
        let harness = try ConsumerHarness { _, _ in nil }
        let running = harness.start()
        for number in 0..<60 { try harness.notify("n\(number)", to: "slow", isFlushed: number == 59) }
        try eventually({ running.metric("waiting") == 59 })
        harness.transfer.answer(410)
        let closed = { running.metric("dead_letters_total", #"class="endpoint_closed""#) }
        // Its rate is five a second.
        try eventually({ closed() == 60 }, within: .seconds(5))
        #expect(harness.transfer.attempts.count == 1)
        #expect(running.end() == .ok)
    }

    /// While a destination is down a probe is no attempt: nothing is spent, and its answer is what closes the circuit.
    @Test func probesAreNotCounted() throws {
        let harness = try ConsumerHarness { id, count in id == "first" && count <= 4 ? 503 : 200 }
        harness.settings.circuit.consecutive = 1
        harness.settings.circuit.cooldown = .milliseconds(10)
        harness.settings.retry.maxRetries = 0
        harness.settings.retry.isStrict = true
        harness.settings.floodGuard.burst = 0
        harness.settings.tiers = [.init(name: "200ms", delay: .milliseconds(200))]
        let running = harness.start()
        try harness.notify("first", key: "same")
        try harness.notify("second", key: "same")
        try eventually({ harness.transfer.count("second") == 1 })
        #expect(running.end() == .ok)
        // The first one was spent at once and rests; the next three found the destination down and count for nothing.
        #expect(harness.transfer.attempts.map(\.number) == [1, 2, 2, 2, 2, 1])
    }

    /// One that nobody could deliver is no outage: it goes its whole way, and holds nobody back.
    @Test func oneRecordOpensNoCircuit() throws {
        let harness = try ConsumerHarness { id, _ in id == "poison" ? 503 : 200 }
        harness.settings.circuit.consecutive = 4
        harness.settings.retry.maxRetries = 5
        let running = harness.start()
        try harness.notify("poison", key: "1")
        let letters = try harness.read([harness.settings.deadLetterTopic]) { !$0.isEmpty }
        try harness.notify("other", key: "2")
        try eventually({ harness.transfer.count("other") == 1 })
        #expect(running.end() == .ok)
        #expect(letters.map { $0.headers.text("x-retry-attempt") } == ["6"])
        #expect(harness.transfer.attempts.map(\.number) == [1, 2, 3, 4, 5, 6, 1])
    }

    /// Spent records become dead letters no faster than the guard lets them; the others rest until they get through.
    /// What is refused for good is a dead letter at once, however many there are.
    @Test func spentRecordsAreHeldBack() throws {
        let isBack = Latch()
        let harness = try ConsumerHarness { id, _ in id.hasPrefix("bad") ? 400 : isBack.isOpen ? 200 : 500 }
        harness.settings.retry.maxRetries = 1
        harness.settings.floodGuard.burst = 1
        harness.settings.floodGuard.share = 0
        let running = harness.start()
        for number in 0..<20 { try harness.notify("n\(number)", key: "\(number)") }
        let letter = #"notificationhub_dead_letters_total{channel="webhook",class="exhausted"} 1"#
        try eventually({ harness.transfer.attempts.count >= 60 && running.metrics.contains(letter) })
        for number in 0..<10 { try harness.notify("bad\(number)", key: "\(number)") }
        try eventually({ running.metric("dead_letters_total", #"class="permanent""#) == 10 })
        #expect(running.metrics.contains(letter))
        isBack.open()
        let delivered = #"notificationhub_notifications_total{channel="webhook",outcome="delivered",class="none"} 19"#
        try eventually({ running.metrics.contains(delivered) })
        #expect(running.end() == .ok && running.metrics.contains(letter))
    }

    /// MAX_RETRIES is exact for what does not mean "down", however many records fail.
    @Test func whatFailsTooOftenIsGivenUpAtOnce() throws {
        let harness = try ConsumerHarness { _, _ in 500 }
        harness.settings.retry.maxRetries = 1
        let running = harness.start()
        for number in 0..<20 { try harness.notify("n\(number)", key: "\(number)") }
        let letters = try harness.read([harness.settings.deadLetterTopic]) { $0.count >= 20 }
        #expect(running.end() == .ok)
        #expect(letters.count == 20 && harness.transfer.attempts.count == 40)
        #expect(letters.allSatisfy { $0.headers.text("x-dlq-error-class") == "exhausted" })
        #expect(letters.allSatisfy { $0.headers.text("x-retry-attempt") == "2" })
    }

    /// One that answers nothing fills the buffer; another, never heard of before, is served all the same.
    @Test func aHangingDestinationLeavesRoomForANewOne() throws {
        let harness = try ConsumerHarness { id, _ in id == "new" ? 200 : nil }
        harness.settings.maxBuffered = 32
        harness.settings.parkAfter = .milliseconds(100)
        for number in 0..<80 { try harness.notify("h\(number)", to: "hangs", key: "\(number)") }
        let running = harness.start()
        try harness.notify("new", key: "n")
        try eventually({ harness.transfer.count("new") == 1 })
        #expect(running.end() == .ok)
        #expect(harness.transfer.attempts.count == 17)
    }

    /// Some that hang together could have every place of the process; what goes elsewhere does not wait for them.
    @Test func destinationsThatHangTogetherDelayNoOther() throws {
        let harness = try ConsumerHarness { id, _ in id.hasPrefix("ok") ? 200 : nil }
        for number in 0..<80 {
            try harness.notify("h\(number)", to: "hangs\(number % 4)", key: "\(number)", isFlushed: number == 79)
        }
        let running = harness.start()
        try eventually({ running.metric("waiting") == 32 && harness.transfer.hanging.count == 48 })
        for number in 0..<20 { try harness.notify("ok\(number)", key: "\(number)", isFlushed: number == 19) }
        try eventually({ (0..<20).allSatisfy { harness.transfer.count("ok\($0)") == 1 } }, within: .seconds(5))
        #expect(harness.transfer.hanging.count == 48)
        #expect(running.end() == .ok)
    }

    /// One that takes little at a time fills the buffer, too, and never quite lets go of it.
    @Test func aSlowDestinationLeavesRoomForANewOne() throws {
        let harness = try ConsumerHarness { _, _ in 200 }
        harness.settings.maxBuffered = 32
        harness.settings.parkAfter = .milliseconds(100)
        for number in 0..<400 {
            try harness.notify("s\(number)", to: "slow", key: "\(number)", isFlushed: number == 399)
        }
        let running = harness.start()
        try eventually({ harness.transfer.attempts.count >= 1 })
        try harness.notify("new", key: "n")
        try eventually({ harness.transfer.count("new") == 1 })
        #expect(running.end() == .ok)
        #expect(harness.transfer.attempts.count < 200)
    }

    /// New limits are for what waits, too: the buffer is full, so that no record comes which would bring them.
    @Test func aReloadReachesWhatWaits() throws {
        let harness = try ConsumerHarness { _, _ in 200 }
        harness.settings.maxBuffered = 60
        harness.settings.parkAfter = .seconds(60)
        let running = harness.start { $0.channel = FakeChannel(rate: .init(count: 1, per: .seconds(60), burst: 1)) }
        for number in 0..<61 {
            try harness.notify("n\(number)", to: "slow", key: "\(number)", isFlushed: number == 60)
        }
        try eventually({ running.metric("waiting") == 60 })
        #expect(harness.transfer.attempts.count == 1)
        running.reload(FakeChannel(rate: .init(count: 1_000, per: .seconds(1))))
        try eventually({ harness.transfer.attempts.count == 61 }, within: .seconds(5))
        #expect(running.end() == .ok)
    }

    /// An endpoint that a reload took away: what waits for it is refused when its turn comes.
    @Test func aReloadWithoutTheEndpointRefusesWhatWaits() throws {
        let harness = try ConsumerHarness { _, _ in 200 }
        let running = harness.start()
        for number in 0..<6 { try harness.notify("n\(number)", to: "slow", key: "\(number)", isFlushed: number == 5) }
        try eventually({ harness.transfer.attempts.count >= 1 })
        running.reload(FakeChannel(missing: "slow"))
        let refused = { running.metric("dead_letters_total", #"class="unknown_endpoint""#) ?? 0 }
        try eventually({ refused() >= 3 && refused() + harness.transfer.attempts.count == 6 })
        #expect(running.end() == .ok)
    }

    /// What one record is told to wait for, the others of its endpoint wait for, too; other endpoints do not.
    @Test func aRateLimitHoldsTheEndpoint() throws {
        let harness = try ConsumerHarness { id, count in id == "first" && count == 1 ? 432 : 200 }
        let running = harness.start()
        try harness.notify("first", key: "1")
        try eventually({ harness.transfer.count("first") == 1 })
        try harness.notify("second", key: "2")
        try harness.notify("other", to: "other", key: "3")
        try eventually({ harness.transfer.count("second") == 1 && harness.transfer.count("first") == 2 })
        #expect(running.end() == .ok)
        let attempts = harness.transfer.attempts
        let start = try #require(attempts.first).at
        #expect(attempts.allSatisfy { $0.id == "other" || $0.at == start || $0.at - start >= .milliseconds(990) })
        #expect(attempts.first { $0.id == "other" }.map { $0.at - start < .milliseconds(990) } == true)
    }

    /// With strict order a dead endpoint's partition fills, and only that one.
    @Test func strictOrderLeavesOtherPartitionsTheirRoom() throws {
        let harness = try ConsumerHarness { id, _ in id == "other" ? 200 : nil }
        harness.settings.retry.isStrict = true
        harness.settings.maxBuffered = 1_024
        for number in 0..<2_000 {
            try harness.notify("h\(number)", to: "dead", key: "same", isFlushed: number == 1_999)
        }
        let running = harness.start()
        try eventually({ harness.transfer.attempts.count >= 1 })
        for number in 0..<8 { try harness.notify("other", key: "\(number)") }
        try eventually({ harness.transfer.count("other") >= 1 })
        #expect(running.end() == .ok)
        #expect(harness.transfer.count("h0") == 1 && harness.transfer.count("h1") == 0)
    }

    /// What a crash would repeat is bounded, however long the broker takes to answer a commit, and nothing stalls.
    @Test func aSlowCommitHoldsWhatACrashWouldRepeat() throws {
        let harness = try ConsumerHarness { _, _ in 200 }
        harness.settings.maxInFlight = 4
        harness.settings.commitEvery = 16
        for number in 0..<60 { try harness.notify("n\(number)", key: "\(number)", isFlushed: number == 59) }
        harness.cluster.fail(.offsetCommit, with: [0], delay: .seconds(2))
        let running = harness.start()
        try eventually({ harness.transfer.attempts.count == 60 })
        let attempts = harness.transfer.attempts
        #expect(attempts[20].at - attempts[0].at >= .milliseconds(1_900))
        // A commit that fails covers nothing, and is soon made again.
        harness.cluster.fail(.offsetCommit, with: [16, 16, 16])
        for number in 0..<60 { try harness.notify("m\(number)", key: "\(number)", isFlushed: number == 59) }
        try eventually({ harness.transfer.attempts.count == 120 })
        try eventually({ running.metrics.contains(#"notificationhub_uncommitted_records{channel="webhook"} 0"#) })
        #expect(running.end() == .ok)
    }

    /// A log that was made anew may have other records where the old one's were: each is worked on.
    @Test func aLogThatWasMadeAnewIsReadFromItsStart() throws {
        let harness = try ConsumerHarness { id, _ in id == "hangs" ? nil : 200 }
        for id in ["hangs", "behind", "behind"] { try harness.notify(id, key: "same") }
        let running = harness.start()
        try eventually({ running.metrics.contains(#"notificationhub_buffered_records{channel="webhook"} 3"#) })
        // 1 OFFSET_OUT_OF_RANGE; the mock's log is the same then, which a client cannot know.
        try eventually({ running.metrics.contains(#"notificationhub_buffered_records{channel="webhook"} 6"#) }) {
            harness.cluster.fail(.fetch, with: [1])
            Latch().wait(timeout: .milliseconds(200))
        }
        #expect(running.end() == .ok)
    }

    /// Whoever wrote it, a record of a retry topic does not rest for ever.
    @Test func aRestEndsAtMaxAge() throws {
        let harness = try ConsumerHarness { _, _ in 200 }
        harness.settings.retry.maxAge = .seconds(3_600)
        let now = UnixTime.now()
        var headers = RecordHeaders()
        headers.append("x-retry-attempt", "9223372036854775807")
        headers.append("x-retry-not-before", "9223372036854775807")
        headers.append("x-retry-first-failure", String(now.milliseconds))
        let retry = harness.settings.retryTopic(1)
        try harness.notify("young", headers: headers, topic: retry)
        headers.set("x-retry-first-failure", String(now.adding(.seconds(-3_600)).milliseconds))
        try harness.notify("old", headers: headers, topic: retry)
        let running = harness.start()
        let letters = try harness.read([harness.settings.deadLetterTopic]) { !$0.isEmpty }
        let rests = try harness.read([retry]) { $0.count >= 3 }
        #expect(running.end() == .ok)
        #expect(letters.map { $0.headers.text("x-dlq-error-class") } == ["max_age"])
        let notBefore = try #require(rests.last?.headers.text("x-retry-not-before").flatMap { Int64($0) })
        #expect(notBefore < now.milliseconds + 86_460_000)
        #expect(rests.last?.headers.text("x-retry-attempt") == "1000000" && harness.transfer.attempts.isEmpty)
    }
}
