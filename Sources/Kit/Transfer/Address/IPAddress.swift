import Glibc

/// An IPv4 or IPv6 address as a number.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    package let isV4: Bool
    /// The address in host order; the lower 32 bits where `isV4`.
    package let bits: UInt128

    init(v4 bits: UInt32) {
        isV4 = true
        self.bits = UInt128(bits)
    }

    init(v6 bits: UInt128) {
        isV4 = false
        self.bits = bits
    }

    /// The usual text of an address, nothing around it. `10.1`, `0x7f000001` and `[::1]` are no addresses.
    package init?(_ text: String) {
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(v4: UInt32(bigEndian: v4.s_addr))
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            self.init(v6: withUnsafeBytes(of: v6) { UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self)) })
        } else {
            return nil
        }
    }

    /// The address of a `sockaddr_in` or `sockaddr_in6`; nil for any other family.
    init?(socketAddress: UnsafeRawBufferPointer) {
        guard socketAddress.count >= MemoryLayout<sockaddr>.size else { return nil }
        switch Int32(socketAddress.loadUnaligned(as: sockaddr.self).sa_family) {
        case AF_INET where socketAddress.count >= MemoryLayout<sockaddr_in>.size:
            let address = socketAddress.loadUnaligned(as: sockaddr_in.self)
            self.init(v4: UInt32(bigEndian: address.sin_addr.s_addr))
        case AF_INET6 where socketAddress.count >= MemoryLayout<sockaddr_in6>.size:
            let address = socketAddress.loadUnaligned(as: sockaddr_in6.self)
            self.init(
                v6: withUnsafeBytes(of: address.sin6_addr) { UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self)) })
        default: return nil
        }
    }

    /// The IPv4 address inside a v4-mapped IPv6 address (`::ffff:0:0/96`), which is what the kernel connects to.
    var mapped: IPAddress? {
        guard !isV4, bits >> 32 == 0xFFFF else { return nil }
        return IPAddress(v4: UInt32(truncatingIfNeeded: bits))
    }

    /// How many bits an address of this family has.
    var width: Int { isV4 ? 32 : 128 }

    package var description: String {
        if isV4 {
            return (0..<4).map { String((bits >> (24 - 8 * UInt128($0))) & 0xFF) }.joined(separator: ".")
        }
        var source = bits.bigEndian
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let start = buffer.baseAddress,
                let text = inet_ntop(AF_INET6, &source, start, socklen_t(buffer.count))
            else { return "" }
            return String(cString: text)
        }
    }
}
