import Events
import JSONBytes
import Routing

/// The core's mapping: read, match, find recipients, make ids, render, write; without Kafka.
enum MapBench {
    static func run(_ options: BenchOptions) throws {
        for directory in options.directories {
            for type in Workload.types {
                var output = MappedOutput()
                let cost = try measure(directory, type, options.rounds, &output)
                cost.print(
                    "map \(directory) \(type)",
                    detail: "\(output.records.count) records of \(output.bytes.count) bytes in all")
            }
        }
    }

    /// Maps one event of the type again and again; `output` then holds what it became.
    static func measure(
        _ directory: String, _ type: String, _ rounds: Int, _ output: inout MappedOutput
    ) throws -> Cost {
        let mapper = try Workload.mapper(directory)
        return Workload.withRecord(type) { record in
            Meter.measure(rounds) {
                output.removeAll()
                _ = mapper.map(record, into: &output)
            }
        }
    }
}
