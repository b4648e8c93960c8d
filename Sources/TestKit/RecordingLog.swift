import Synchronization
package import Telemetry

/// A log whose lines the test reads. Its clock moves only when the test says so. Safe to use from any thread.
package final class RecordingLog: Sendable {
    /// The clock of the lines and of the repeat limit.
    package let clock: ManualClock

    private let text = Mutex("")

    package init(clock: ManualClock = ManualClock()) {
        self.clock = clock
    }

    /// The lines written so far, in order.
    package var lines: [String] { text.withLock { $0.split(separator: "\n").map(String.init) } }

    /// A log that writes here.
    package func log(service: String = "test", level: Log.Level = .debug, format: Log.Format = .json) -> Log {
        let clock = clock
        return Log(
            sink: LogSink(
                service: service, level: level, format: format, wallClock: { clock.now }, clock: { clock.instant },
                output: { [self] bytes in text.withLock { $0 += String(decoding: bytes, as: UTF8.self) } }))
    }
}
