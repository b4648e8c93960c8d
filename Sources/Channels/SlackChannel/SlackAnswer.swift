internal import JSONBytes

/// What the body of an answer of Slack says, read loosely: a webhook answers `ok` or a word, the Web API JSON.
enum SlackAnswer: Equatable {
    case ok
    /// An error in Slack's words: small letters, digits and underscores, at most 64 of them.
    case error(String)
    /// Nothing that Slack says.
    case unknown

    init(_ body: [UInt8]) {
        let text = Self.trimmed(body)
        if text.elementsEqual("ok".utf8) {
            self = .ok
        } else if let token = Self.token(text) {
            self = .error(token)
        } else {
            self = Self.json(body)
        }
    }

    private static func json(_ body: [UInt8]) -> SlackAnswer {
        let document = JSONDocument()
        return body.withUnsafeBytes { bytes in
            guard let root = try? document.parse(bytes), let isOK = root.member("ok")?.bool else { return .unknown }
            if isOK { return .ok }
            guard let error = root.member("error"), error.kind == .string, let token = token(Array(error.raw)[...])
            else { return .unknown }
            return .error(token)
        }
    }

    /// The word that the text is or begins with: `invalid_payload`, `no_service: detail`.
    private static func token(_ text: ArraySlice<UInt8>) -> String? {
        let word = text.prefix { byte in
            byte &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "_")
        }
        guard (2...64).contains(word.count), word.endIndex == text.endIndex || isEnd(text[word.endIndex]) else {
            return nil
        }
        return String(decoding: word, as: UTF8.self)
    }

    private static func isEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ":") || byte == 0x20 || byte == 0x0A || byte == 0x0D
    }

    private static func trimmed(_ body: [UInt8]) -> ArraySlice<UInt8> {
        var text = body[...]
        while let first = text.first, first <= 0x20 { text.removeFirst() }
        while let last = text.last, last <= 0x20 { text.removeLast() }
        return text
    }
}
