internal import JSONBytes

/// What the body of an answer of the Messages API says; everything in it is optional.
struct TwilioAnswer: Equatable {
    /// The message's id: letters and digits only.
    private(set) var sid: String?
    /// `code` of an error, `error_code` of a message that failed at once: five digits.
    private(set) var code: Int?

    init(_ body: [UInt8]) {
        let document = JSONDocument()
        body.withUnsafeBytes { bytes in
            guard let root = try? document.parse(bytes) else { return }
            let number = root.member("code")?.integer ?? root.member("error_code")?.integer
            code = number.flatMap { (10_000...99_999).contains($0) ? $0 : nil }
            guard let text = root.member("sid"), text.kind == .string, (1...64).contains(text.raw.count),
                text.raw.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 || ($0 | 0x20) &- UInt8(ascii: "a") < 26 })
            else { return }
            sid = text.string
        }
    }
}
