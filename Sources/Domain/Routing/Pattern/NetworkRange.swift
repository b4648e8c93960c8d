/// A block of IP addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address.
struct NetworkRange: Sendable, Equatable {
    /// First and last address, 4 or 16 bytes.
    private let low: [UInt8]
    private let high: [UInt8]

    /// One address; nil where `text` is none.
    init?(address text: String) {
        guard let address = Self.address(Array(text.utf8)) else { return nil }
        low = address
        high = address
    }

    /// A block with its mask; nil where `text` is none, or only one address.
    init?(cidr text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = Self.address(Array(parts[0].utf8)), parts[1].utf8.count <= 3,
            parts[1].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let bits = Int(parts[1]),
            bits < address.count * 8
        else { return nil }
        let masks = address.indices.map { UInt8(truncatingIfNeeded: 0xFF00 >> min(8, max(0, bits - $0 * 8))) }
        low = zip(address, masks).map { $0 & $1 }
        high = zip(address, masks).map { $0 | ~$1 }
    }

    func contains(_ text: UnsafeRawBufferPointer) -> Bool {
        // The longest IPv6 address has 39 characters.
        guard text.count <= 39, let address = Self.address(Array(text)), address.count == low.count else {
            return false
        }
        return !address.lexicographicallyPrecedes(low) && !high.lexicographicallyPrecedes(address)
    }

    private static func address(_ text: [UInt8]) -> [UInt8]? {
        text.contains(UInt8(ascii: ":")) ? addressV6(text) : addressV4(text)
    }

    private static func addressV4(_ text: [UInt8]) -> [UInt8]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let bytes = parts.compactMap { part -> UInt8? in
            guard (1...3).contains(part.count), part.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
            return UInt8(String(decoding: part, as: UTF8.self))
        }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    private static func addressV6(_ text: [UInt8]) -> [UInt8]? {
        let string = String(decoding: text, as: UTF8.self)
        guard let gap = string.firstRange(of: "::") else {
            let bytes = groups(string[...])
            return bytes?.count == 16 ? bytes : nil
        }
        guard let head = groups(string[..<gap.lowerBound]), let tail = groups(string[gap.upperBound...]),
            head.count + tail.count < 16
        else { return nil }
        return head + Array(repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        if text.isEmpty { return [] }
        var bytes: [UInt8] = []
        for group in text.split(separator: ":", omittingEmptySubsequences: false) {
            guard (1...4).contains(group.utf8.count), group.first != "+", group.first != "-",
                let value = UInt16(group, radix: 16)
            else { return nil }
            bytes += [UInt8(value >> 8), UInt8(value & 0xFF)]
        }
        return bytes
    }
}
