/// The log of the process: one line on standard error for each thing worth knowing.
///
/// The event is a stable snake_case name to search for, the message a constant sentence, and what varies is in the
/// fields. Nothing at info or above happens for every record. A value without state; use it from any thread.
package struct Log: Sendable {
    /// From the least to the most important.
    package enum Level: String, CaseIterable, Sendable, Comparable {
        case debug, info, warning, error

        package static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .debug: 0
            case .info: 1
            case .warning: 2
            case .error: 3
            }
        }
    }

    /// One JSON object a line for machines, or plain text for people.
    package enum Format: String, CaseIterable, Sendable {
        case json, text
    }

    private let sink: LogSink?

    /// The log of the process, as `bootstrap` set it up.
    package init() {
        sink = nil
    }

    /// A log of its own, for tests.
    package init(sink: LogSink) {
        self.sink = sink
    }

    /// Says how the process logs from now on; before it, JSON at info.
    /// - Parameter format: nil for text on a terminal and JSON elsewhere.
    package static func bootstrap(service: String, level: Level = .info, format: Format? = nil) {
        LogSink.process = LogSink(service: service, level: level, format: format ?? LogSink.formatOfStandardError)
    }

    package func debug(
        _ event: StaticString, _ message: @autoclosure () -> String, _ fields: @autoclosure () -> [LogField] = []
    ) {
        log(.debug, event, message, fields)
    }

    package func info(
        _ event: StaticString, _ message: @autoclosure () -> String, _ fields: @autoclosure () -> [LogField] = []
    ) {
        log(.info, event, message, fields)
    }

    package func warning(
        _ event: StaticString, _ message: @autoclosure () -> String, _ fields: @autoclosure () -> [LogField] = []
    ) {
        log(.warning, event, message, fields)
    }

    package func error(
        _ event: StaticString, _ message: @autoclosure () -> String, _ fields: @autoclosure () -> [LogField] = []
    ) {
        log(.error, event, message, fields)
    }

    /// Whether lines of `level` are written, for work that only serves a line.
    package func isEnabled(_ level: Level) -> Bool { level >= (sink ?? LogSink.process).level }

    private func log(_ level: Level, _ event: StaticString, _ message: () -> String, _ fields: () -> [LogField]) {
        let sink = sink ?? LogSink.process
        guard level >= sink.level else { return }
        sink.write(level, event: event.description, message: message(), fields: fields())
    }
}
