import Delivery
import TestKit
import Testing
import Time

struct CircuitTests {
    private let now = MonotonicTime.now

    @Test func opensInARowAndBacksOffUntilAProbeSucceeds() {
        var circuit = Circuit()
        for _ in 0..<7 { circuit.down(now) }
        #expect(circuit.isClosed)
        circuit.alive()
        for _ in 0..<8 { circuit.down(now) }
        #expect(circuit.permission(now) == .no(until: now + .seconds(1)))
        // Late failures of attempts that were in flight do not prolong it.
        circuit.down(now + .milliseconds(500))
        var probe = now + .seconds(1)
        for cooldown in [2, 4, 8, 16, 30, 30] {
            #expect(circuit.permission(probe) == .yes)
            circuit.started()
            // Only the probe itself decides.
            circuit.down(probe)
            circuit.abandoned(probe)
            #expect(circuit.permission(probe) == .no(until: nil))
            circuit.down(probe, isProbe: true)
            #expect(circuit.permission(probe) == .no(until: probe + .seconds(cooldown)))
            probe += .seconds(cooldown)
        }
        circuit.started()
        circuit.abandoned(probe, isProbe: true)
        #expect(circuit.permission(probe) == .yes)
        circuit.started()
        circuit.alive()
        #expect(circuit.isClosed && circuit.openSince == nil)
    }

    @Test func opensOnAShareOfFailures() {
        var circuit = Circuit()
        for index in 0..<19 { index.isMultiple(of: 2) ? circuit.down(now) : circuit.alive() }
        #expect(circuit.isClosed)
        circuit.alive()
        circuit.down(now)
        #expect(!circuit.isClosed)
    }

    @Test func aFloodGuardLetsThroughABurstAShareAndAFreeOne() {
        var policy = FloodGuard.Policy()
        policy.burst = 3
        var guardian = FloodGuard(policy, now: now)
        var answers = (0..<5).map { _ in guardian.admit(now) }
        #expect(answers == [true, true, true, false, false])
        for _ in 0..<11 { guardian.succeeded() }
        answers = [0, 0, 59, 60, 61].map { guardian.admit(now + .seconds($0)) }
        #expect(answers == [true, false, false, true, false])
    }

    @Test func aStoppedChannelProbesNowAndThen() {
        var gate = ChannelGate(probeEvery: .seconds(60))
        #expect(gate.opensAt(now) == nil)
        let news = [gate.stop(now), gate.stop(now)]
        #expect(news == [true, false])
        #expect(gate.opensAt(now) == now + .seconds(60))
        #expect(gate.opensAt(now + .seconds(60)) == nil)
        gate.started(now + .seconds(60))
        #expect(gate.opensAt(now + .seconds(61)) == now + .seconds(120))
        let wasStopped = [gate.open(), gate.open()]
        #expect(wasStopped == [true, false] && gate.opensAt(now) == nil)
    }

    @Test func aClosedEndpointOpensAfterADay() {
        var closed = ClosedEndpoints()
        closed.close("orders", now: now)
        var answers = [0, 86_399, 86_400].map { closed.isClosed("orders", now: now + .seconds($0)) }
        #expect(answers == [true, true, false])
        closed.close("orders", now: now)
        answers = [closed.isClosed("other", now: now), closed.isClosed("orders", now: now)]
        closed.openAll()
        answers.append(closed.isClosed("orders", now: now))
        #expect(answers == [false, true, false])
    }
}
