import Events
import JSONBytes
import Routing

/// The core's mapping: read, match, find recipients, make ids, render, write; without Kafka.
enum MapBench {
    static func run(_ options: BenchOptions) throws {
        for directory in options.directories {
            for sample in Sample.all {
                var output = MappedOutput()
                let cost = try measure(directory, sample, options.rounds, &output)
                cost.print(
                    "map \(directory) \(sample.name)",
                    detail: "\(output.records.count) records of \(output.bytes.count) bytes in all")
            }
        }
    }

    /// Maps one record again and again; `output` then holds what it became.
    ///
    /// - Throws: where nothing is mapped, or what no route wants is: then the cost would be that of something else.
    static func measure(
        _ directory: String, _ sample: Sample, _ rounds: Int, _ output: inout MappedOutput
    ) throws -> Cost {
        var mapper = try Workload.mapper(directory)
        let cost = sample.withRecord { record in
            Meter.measure(rounds) {
                output.removeAll()
                _ = mapper.map(record, into: &output)
            }
        }
        guard sample.isWanted != output.records.isEmpty else {
            throw BenchError(message: "\(sample.name) gives \(output.records.count) records with \(directory)")
        }
        return cost
    }
}
