internal import JSONBytes
internal import Notifications

extension [UInt8] {
    /// Appends constant text.
    mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends constant text and a JSON string.
    mutating func append(_ prefix: StaticString, string: UnsafeRawBufferPointer) {
        append(prefix)
        append("\"")
        JSONWriter.appendEscaped(string, to: &self)
        append("\"")
    }
}

extension ChannelName {
    /// The channel's word as constant bytes.
    var word: StaticString {
        switch self {
        case .email: "email"
        case .sms: "sms"
        case .webhook: "webhook"
        case .slack: "slack"
        }
    }
}
