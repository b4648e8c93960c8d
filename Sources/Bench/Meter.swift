import AllocationCounter
import Glibc

/// Counts what the calling thread spends between `start` and `stop`, over any number of such stretches.
struct Meter {
    private(set) var nanoseconds = 0
    private(set) var allocations = 0
    private var began = (nanoseconds: 0, allocations: 0)

    mutating func start() { began = (Self.threadTime(), Int(allocation_count())) }

    mutating func stop() {
        allocations += Int(allocation_count()) - began.allocations
        nanoseconds += Self.threadTime() - began.nanoseconds
    }

    /// Does `body` for a while to warm up, then `rounds` times under the meter.
    static func measure(_ rounds: Int, _ body: () throws -> Void) rethrows -> Cost {
        for _ in 0..<max(100, rounds / 10) { try body() }
        var meter = Meter()
        meter.start()
        for _ in 0..<rounds { try body() }
        meter.stop()
        return meter.cost(rounds)
    }

    func cost(_ operations: Int) -> Cost {
        Cost(
            nanoseconds: Double(nanoseconds) / Double(operations),
            allocations: Double(allocations) / Double(operations))
    }

    /// Of this thread only: what other threads and processes take does not count.
    private static func threadTime() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

/// What one operation costs.
struct Cost {
    let nanoseconds: Double
    let allocations: Double

    /// Prints one line of a benchmark's table.
    func print(_ name: String, detail: String = "") {
        let name = name + String(repeating: " ", count: max(0, 44 - name.count))
        let time = Self.column("\(Int(nanoseconds.rounded()))", 9)
        let count = Self.column(Self.twoDigits(allocations), 9)
        Swift.print("\(name) \(time) ns \(count) allocations  \(detail)")
    }

    static func twoDigits(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    private static func column(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
