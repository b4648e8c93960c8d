import Glibc
internal import Time

/// What the process itself costs, read at each scrape.
package enum ProcessMetrics {
    /// Adds CPU time, memory, open files, start time and version to a registry.
    package static func register(in registry: MetricsRegistry, version: String) {
        registry.counter(
            "notificationhub_process_cpu_seconds_total", help: "User and system CPU time in seconds.", read: cpuSeconds)
        registry.gauge(
            "notificationhub_process_resident_memory_bytes", help: "Resident memory in bytes.", read: residentBytes)
        registry.gauge("notificationhub_process_open_fds", help: "Open file descriptors.", read: openFiles)
        let start = Double(UnixTime.now().milliseconds) / 1_000
        registry.gauge(
            "notificationhub_process_start_time_seconds", help: "Start of the process, in seconds since the epoch."
        ).set(start)
        registry.gauge(
            "notificationhub_build_info", help: "Always 1; the version is a label.", labels: [("version", version)]
        )
        .set(1)
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
