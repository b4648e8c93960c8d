import Routing

/// How often an event makes the core ask for memory, and a delivery a consumer, against a budget. It does not depend on
/// the machine, so it is checked where the time cannot be.
enum AllocationCheck {
    /// One event's mapping, after the first events have brought every buffer to its size: nothing at all.
    private static let mappingBudget = 0.0
    /// One notification handed to the producer: what librdkafka itself takes for a record with six headers.
    private static let producerBudget = 9.0
    /// One delivery's whole way, librdkafka's part of the status record included. With some room: a turn of the loop asks
    /// for memory, too, and how many deliveries share one depends on the machine.
    private static let deliveryBudgets = ["webhook": 34.0, "email": 48.0]

    static func run(_ options: BenchOptions) throws {
        try checkCounter()
        var excess = 0
        for directory in options.directories {
            for sample in Sample.all {
                var output = MappedOutput()
                let cost = try MapBench.measure(directory, sample, options.rounds / 10, &output)
                excess += report("map \(directory) \(sample.name)", cost, budget: mappingBudget)
            }
        }
        for directory in options.directories {
            var bytes = 0
            let cost = try ProduceBench.measure(directory, options.rounds / 10, &bytes)
            excess += report("produce \(directory) order.created", cost, budget: producerBudget)
        }
        for sample in DeliverBench.cases {
            let cost = try DeliverBench.measure(sample, options.rounds / 10)
            excess += report("deliver \(sample.name)", cost, budget: deliveryBudgets[sample.name] ?? 0)
        }
        guard options.checksBudget, excess > 0 else { return }
        throw BenchError(message: "\(excess) of these ask for memory more often than their budget allows")
    }

    /// A counter that does not count would allow everything.
    private static func checkCounter() throws {
        var kept: [[UInt8]] = []
        kept.reserveCapacity(10_000)
        let cost = Meter.measure(1_000) { kept.append([UInt8](repeating: 1, count: 100)) }
        guard cost.allocations == 1 else {
            throw BenchError(message: "the counter sees \(cost.allocations) allocations where there is one")
        }
    }

    /// Prints one line, and returns 1 where the budget is exceeded, else 0.
    private static func report(_ name: String, _ cost: Cost, budget: Double) -> Int {
        // The clients' queues grow now and then; that is not the record's.
        let isOver = cost.allocations >= budget + 0.01
        cost.print(name, detail: "budget \(Cost.twoDigits(budget))\(isOver ? ": exceeded" : "")")
        return isOver ? 1 : 0
    }
}
