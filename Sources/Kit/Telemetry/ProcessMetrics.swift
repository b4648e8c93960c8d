import Glibc
internal import Time

/// What the process itself costs, read at each scrape.
package enum ProcessMetrics {
    private static let cpu = MetricDefinition.counter(
        "process_cpu_seconds_total", unit: "seconds", "CPU time of the process, user and system.")
    private static let memory = MetricDefinition.gauge(
        "process_resident_memory_bytes", unit: "bytes", "Resident memory of the process.")
    private static let files = MetricDefinition.gauge(
        "process_open_fds", unit: "descriptors", "Open file descriptors.")
    private static let start = MetricDefinition.gauge(
        "process_start_time_seconds", unit: "seconds", "When the process started, since the epoch.")
    private static let build = MetricDefinition.gauge(
        "build_info", unit: "1", "Always 1; the version is a label.", labels: ["version"])

    private static let stalled = MetricDefinition.gauge(
        "stalled_seconds", unit: "seconds",
        "How long there has been work without anything of it being finished; 0 while things go on. What waits for its "
            + "time, for a destination or for credentials is no such work. Beyond about 180 s /livez fails.")

    private static let ready = MetricDefinition.gauge(
        "ready", unit: "1",
        "1 while /readyz answers 200; 0 while the process starts, waits for Kafka or a topic, drains, or cannot send.")

    package static let definitions = [cpu, memory, files, start, build, stalled, ready]

    /// Adds CPU time, memory, open files, start time, version, progress and readiness to a registry.
    /// - Parameters:
    ///   - waited: how long work has waited for any progress.
    ///   - isReady: what `/readyz` says, so that a process that never gets ready can be alerted on.
    package static func register(
        in registry: MetricsRegistry, version: String, waited: @escaping @Sendable () -> Duration,
        isReady: @escaping @Sendable () -> HealthReport
    ) {
        registry.read(cpu, by: cpuSeconds)
        registry.read(memory, by: residentBytes)
        registry.read(files, by: openFiles)
        registry.gauge(start).set(Double(UnixTime.now().milliseconds) / 1_000)
        registry.gauge(build, [version]).set(1)
        registry.read(stalled) { waited().seconds }
        registry.read(ready) { isReady().isHealthy ? 1 : 0 }
    }

    private static let cpuSeconds: @Sendable () -> Double = {
        var usage = rusage()
        guard getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return .nan }
        let times = [usage.ru_utime, usage.ru_stime]
        return times.reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1_000_000 }
    }

    private static let residentBytes: @Sendable () -> Double = {
        guard let stream = fopen("/proc/self/statm", "re") else { return .nan }
        defer { fclose(stream) }
        var buffer = [UInt8](repeating: 0, count: 128)
        let count = fread(&buffer, 1, buffer.count, stream)
        let pages = buffer[..<count].split(separator: UInt8(ascii: " ")).dropFirst().first
        return pages.flatMap { Double(String(decoding: $0, as: UTF8.self)) }.map {
            $0 * Double(sysconf(Int32(_SC_PAGESIZE)))
        }
            ?? .nan
    }

    private static let openFiles: @Sendable () -> Double = {
        guard let directory = opendir("/proc/self/fd") else { return .nan }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Not counted: the two dots and the descriptor of this look itself.
        return Double(count - 3)
    }
}
