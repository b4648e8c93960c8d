import Glibc
import Synchronization
package import Time

/// Where log lines go: formats a line, holds back repeats, writes.
///
/// Each line is one `write` of at most 4096 bytes, which no other writer of the same pipe can cut in two; so there is
/// no lock around it. Safe to use from any thread.
package final class LogSink: Sendable {
    private static let current = Mutex(
        LogSink(service: "notificationhub", level: .info, format: LogSink.formatOfStandardError))

    /// The sink of `Log()`.
    static var process: LogSink {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    static var formatOfStandardError: Log.Format { isatty(STDERR_FILENO) == 1 ? .text : .json }

    let level: Log.Level
    private let line: LogLine
    private let repeats = Mutex(RepeatLimit())
    private let wallClock: @Sendable () -> UnixTime
    private let clock: @Sendable () -> ContinuousClock.Instant
    private let output: @Sendable (UnsafeRawBufferPointer) -> Void

    /// - Parameters:
    ///   - wallClock: the time in the lines.
    ///   - clock: what repeats are measured with.
    ///   - output: gets each line with its newline; standard error unless told.
    package init(
        service: String, level: Log.Level, format: Log.Format,
        wallClock: @escaping @Sendable () -> UnixTime = { .now() },
        clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        output: @escaping @Sendable (UnsafeRawBufferPointer) -> Void = {
            _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
        }
    ) {
        self.level = level
        self.wallClock = wallClock
        self.clock = clock
        self.output = output
        line = LogLine(service: service, format: format)
    }

    func write(_ level: Log.Level, event: String, message: String, fields: [LogField]) {
        let line = RepeatLimit.Line(level: level, event: event, message: message)
        let (finished, verdict) = repeats.withLock { repeats in
            let now = clock()
            return (repeats.finished(now, beside: line), repeats.admit(line, now: now))
        }
        for (line, heldBack) in finished {
            let fields = [LogField("of", line.event), LogField("held_back", heldBack)]
            render(line.level, event: "repeats_held_back", message: line.message, fields: fields)
        }
        guard let verdict else { return }
        var fields = fields
        if verdict.heldBack > 0 { fields.append(LogField("held_back", verdict.heldBack)) }
        if verdict.isLast { fields.append(LogField("holding_back", true)) }
        render(level, event: event, message: message, fields: fields)
    }

    private func render(_ level: Log.Level, event: String, message: String, fields: [LogField]) {
        let bytes = line.render(at: wallClock(), level: level, event: event, message: message, fields: fields)
        bytes.withUnsafeBytes(output)
    }
}
