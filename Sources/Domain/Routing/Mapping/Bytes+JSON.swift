internal import JSONBytes
internal import Notifications

extension ByteBuffer {
    /// Appends constant text and a JSON string.
    @inline(__always)
    mutating func append(_ prefix: StaticString, string: UnsafeRawBufferPointer) {
        append(prefix)
        append(UInt8(ascii: "\""))
        JSONWriter.appendEscaped(string, to: &self)
        append(UInt8(ascii: "\""))
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
