/// A range of addresses in CIDR notation, for example `10.0.0.0/8` or `fd00::/8`; one address where no length stands.
package struct NetworkRange: Sendable, Hashable, CustomStringConvertible {
    /// Why a text is no range; `message` is a sentence for a settings fault.
    package struct Fault: Error, Sendable, Equatable {
        package let message: String
    }

    private let base: IPAddress
    private let length: Int

    /// - Throws: a text that is no address, a length out of range, or bits set behind the length.
    package init(_ text: String) throws(Fault) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else {
            throw Fault(message: "\"\(text)\" is not a network; write it like 10.0.0.0/8 or fd00::/8")
        }
        var length = address.width
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let value = Int(parts[1]), value <= length
            else { throw Fault(message: "\"\(text)\" needs a length from 0 to \(length) behind the slash") }
            length = value
        }
        let start = address.bits & ~Self.hostMask(width: address.width, length: length)
        base = address.isV4 ? IPAddress(v4: UInt32(start)) : IPAddress(v6: start)
        self.length = length
        guard start == address.bits else {
            throw Fault(message: "\"\(text)\" has bits set behind its length; did you mean \(base)/\(length)?")
        }
    }

    /// Every address there is: for what goes where the configuration says.
    package static let everything = [
        NetworkRange(IPAddress(v4: 0), length: 0), NetworkRange(IPAddress(v6: 0), length: 0),
    ]

    /// A range that is known to be well formed.
    init(_ base: IPAddress, length: Int) {
        self.base = base
        self.length = length
    }

    package func contains(_ address: IPAddress) -> Bool {
        guard address.isV4 == base.isV4 else { return false }
        return address.bits & ~Self.hostMask(width: base.width, length: length) == base.bits
    }

    package var description: String { "\(base)/\(length)" }

    private static func hostMask(width: Int, length: Int) -> UInt128 {
        (UInt128(1) << UInt128(width - length)) &- 1
    }
}
