internal import CRdKafka
internal import Lifecycle

/// Owns an `rd_kafka_t` and the context that its callbacks receive; destroyed together, the handle first.
///
/// Not thread-safe: the owner thread makes every call. Callbacks other than the log arrive inside of those calls.
final class ClientHandle {
    let pointer: OpaquePointer
    private let context: Unmanaged<CallbackContext>
    private let isConsumer: Bool

    /// How long the owner waits for a consumer to be destroyed.
    private static let patience = Duration.milliseconds(200)

    /// Makes the client. It connects in the background; an unreachable broker is no error here.
    ///
    /// - Parameter prepare: registers callbacks on the configuration.
    init(
        _ role: ClientRole, context: CallbackContext, prepare: (OpaquePointer?) -> Void = { _ in }
    ) throws(KafkaError) {
        if let unsafety = role.unsafety {
            throw KafkaError(code: Configuration.invalid, message: unsafety, isFatal: true)
        }
        let settings = role.kafka
        let configuration = Configuration()
        let own = settings.properties.filter { !KafkaSettings.reservedProperties.contains($0.name) }
        let interval = settings.statistics == nil ? [] : [("statistics.interval.ms", "5000")]
        for (name, value) in role.defaults + interval + own.map({ ($0.name, $0.value) }) {
            try configuration.set(name, value)
        }
        for (name, value) in settings.connectionProperties + role.fixed { try configuration.set(name, value) }
        context.log = settings.log
        context.hint = settings.security.hint
        context.statistics = settings.statistics
        let retained = Unmanaged.passRetained(context)
        rd_kafka_conf_set_opaque(configuration.pointer, retained.toOpaque())
        rd_kafka_conf_set_log_cb(configuration.pointer, logCallback)
        rd_kafka_conf_set_error_cb(configuration.pointer, errorCallback)
        if settings.statistics != nil { rd_kafka_conf_set_stats_cb(configuration.pointer, statisticsCallback) }
        prepare(configuration.pointer)
        var text = [CChar](repeating: 0, count: 512)
        let type = role.isConsumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER
        guard let handle = rd_kafka_new(type, configuration.pointer, &text, text.count) else {
            retained.release()
            let message = text.withUnsafeBufferPointer { buffer in buffer.baseAddress.map { String(cString: $0) } }
            throw KafkaError(code: Configuration.invalid, message: message ?? "no client", isFatal: true)
        }
        _ = configuration.release()
        pointer = handle
        self.context = retained
        isConsumer = role.isConsumer
    }

    deinit {
        guard isConsumer else { return Self.destroy(pointer, context) }
        // A commit that nobody answers keeps a consumer for as long as a session: it ends on a thread of its own then.
        nonisolated(unsafe) let pointer = pointer
        let context = context
        let isGone = Latch()
        _ = OSThread(name: "kafka-farewell") {
            Self.destroy(pointer, context)
            isGone.open()
        }
        isGone.wait(timeout: Self.patience)
    }

    private static func destroy(_ pointer: OpaquePointer, _ context: Unmanaged<CallbackContext>) {
        rd_kafka_destroy_flags(pointer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
        context.release()
    }
}

/// What librdkafka's callbacks find behind their opaque pointer. It outlives the handle.
///
/// Safe to share: `log` and `statistics` are set once before the handle exists and may be called from any thread;
/// everything else is touched by the owner thread only, because librdkafka calls back inside of the owner's calls.
final class CallbackContext: @unchecked Sendable {
    fileprivate(set) var log: (@Sendable (KafkaLogLine) -> Void)?
    fileprivate(set) var statistics: (@Sendable (KafkaStatisticsText) -> Void)?
    /// Set by the owner of the handle before its first call.
    var onDelivery: ((UnsafePointer<rd_kafka_message_t>) -> Void)?
    var onRebalance: ((rd_kafka_resp_err_t, UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> Void)?
    /// Why a broker that can be reached was left again: its certificate, or our credentials. Known after a poll.
    fileprivate(set) var refusal: KafkaError?
    /// What else may be the cause where credentials are refused.
    fileprivate var hint: String?

    static func from(_ opaque: UnsafeMutableRawPointer?) -> CallbackContext? {
        opaque.map { Unmanaged<CallbackContext>.fromOpaque($0).takeUnretainedValue() }
    }
}

private func logCallback(
    _ handle: OpaquePointer?, _ level: Int32, _ facility: UnsafePointer<CChar>?, _ text: UnsafePointer<CChar>?
) {
    guard let handle, let log = CallbackContext.from(rd_kafka_opaque(handle))?.log else { return }
    log(
        KafkaLogLine(
            level: Int(level), facility: facility.map { String(cString: $0) } ?? "",
            message: text.map { String(cString: $0) } ?? ""))
}

private func errorCallback(
    _ handle: OpaquePointer?, _ code: Int32, _ reason: UnsafePointer<CChar>?, _ opaque: UnsafeMutableRawPointer?
) {
    guard let context = CallbackContext.from(opaque) else { return }
    let name = String(cString: rd_kafka_err2name(rd_kafka_resp_err_t(code)))
    var text = reason.map { String(cString: $0) } ?? ""
    if let refusal = Refusal(code: name, text) {
        text = withoutTiming(text)
        if refusal == .credentials, let hint = context.hint { text += "; \(hint)" }
        context.refusal = KafkaError(code: refusal.code, message: "\(refusal.rawValue): \(text)")
    }
    context.log?(KafkaLogLine(level: 4, facility: name, message: text, isClientError: true))
}

/// Why a broker that can be reached does not take us, and what to look at.
private enum Refusal: String {
    case credentials = "the broker refuses sasl.username and sasl.password"
    case tls = "TLS fails, see security.protocol and ssl.ca.location"
    case certificate = "the broker refuses our certificate, see ssl.certificate.location and ssl.key.location"

    /// - Parameters:
    ///   - code: librdkafka's name of the error.
    ///   - text: its reason.
    init?(code: String, _ text: String) {
        switch code {
        case "_AUTHENTICATION": self = .credentials
        // An alert is the broker's word. In TLS 1.3 it judges a certificate, or that there is none, after our part of
        // the handshake has ended.
        case "_SSL" where text.contains("SSL alert number"), "_TRANSPORT" where text.contains("SSL alert number"):
            self = .certificate
        case "_SSL": self = .tls
        default: return nil
        }
    }

    var code: String { self == .credentials ? "_AUTHENTICATION" : "_SSL" }
}

/// Without the ` (after 12ms in state …)` at the end, which is another one each time.
private func withoutTiming(_ text: String) -> String {
    guard text.hasSuffix(")") else { return text }
    let mark = Array(" (after ".utf8)
    let bytes = Array(text.utf8)
    let start = bytes.indices.last { bytes[$0...].starts(with: mark) }
    return start.map { String(decoding: bytes[..<$0], as: UTF8.self) } ?? text
}

/// Takes the text over instead of copying it: the owner's thread is the one that must not wait.
private func statisticsCallback(
    _ handle: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?, _ length: Int, _ opaque: UnsafeMutableRawPointer?
) -> Int32 {
    guard let text, let statistics = CallbackContext.from(opaque)?.statistics else { return 0 }
    statistics(KafkaStatisticsText(taking: text, length: length))
    return 1
}

extension Duration {
    /// Whole milliseconds for librdkafka, at least 0, rounded up so that a short wait does not become a busy loop.
    var kafkaMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 1_000_000 else { return 1_000_000_000 }
        return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
