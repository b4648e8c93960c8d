/// Decides which addresses a request may be sent to: public ones by https, and whatever `allowNetworks` opens.
///
/// It judges the very address of a connection, after name resolution, so that no name can lead inside.
package struct AddressPolicy: Sendable {
    /// Why a connection is refused.
    package enum Refusal: Sendable, Equatable {
        /// The address is not public; carries what it is, for example `loopback`.
        case notPublic(String)
        /// The address is public, and the request would go there unencrypted.
        case notEncrypted
    }

    private let allowed: [NetworkRange]

    package init(allowNetworks: [NetworkRange] = []) {
        allowed = allowNetworks
    }

    /// nil where a connection to `address` may be made.
    package func refusal(of address: IPAddress, isEncrypted: Bool) -> Refusal? {
        // The kernel connects to the IPv4 address that is mapped, so that one is what the list has to open.
        if allowed.contains(where: { $0.contains(address) || (address.mapped.map($0.contains) ?? false) }) {
            return nil
        }
        if let name = Self.notPublic(address) { return .notPublic(name) }
        return isEncrypted ? nil : .notEncrypted
    }

    private static func notPublic(_ address: IPAddress) -> String? {
        if let special = special.first(where: { $0.range.contains(address) }) { return special.name }
        // Of IPv6 only 2000::/3 is handed out; everything else is special or unassigned.
        return address.isV4 || globalUnicast.contains(address) ? nil : "reserved"
    }

    private static let globalUnicast = NetworkRange(IPAddress(v6: 0x2000 << 112), length: 3)

    /// The special-purpose registries of IANA (RFC 6890 and later), the first match names the address.
    private static let special: [(range: NetworkRange, name: String)] =
        [
            v4(0, 0, 0, 0, length: 8, "unspecified"),
            v4(10, 0, 0, 0, length: 8, "private"),
            v4(100, 64, 0, 0, length: 10, "shared (CGNAT)"),
            v4(127, 0, 0, 0, length: 8, "loopback"),
            v4(169, 254, 0, 0, length: 16, "link-local"),
            v4(172, 16, 0, 0, length: 12, "private"),
            v4(192, 0, 0, 0, length: 24, "reserved"),
            v4(192, 0, 2, 0, length: 24, "documentation"),
            v4(192, 88, 99, 0, length: 24, "6to4"),
            v4(192, 168, 0, 0, length: 16, "private"),
            v4(198, 18, 0, 0, length: 15, "benchmarking"),
            v4(198, 51, 100, 0, length: 24, "documentation"),
            v4(203, 0, 113, 0, length: 24, "documentation"),
            v4(224, 0, 0, 0, length: 4, "multicast"),
            v4(255, 255, 255, 255, length: 32, "broadcast"),
            v4(240, 0, 0, 0, length: 4, "reserved"),
        ] + [
            v6(0, length: 128, "unspecified"),
            v6(1, length: 128, "loopback"),
            v6(0xFFFF << 32, length: 96, "v4-mapped"),
            v6(0, length: 96, "v4-compatible"),
            v6(0x0064_FF9B << 96, length: 96, "NAT64"),
            v6(0x0064_FF9B_0001 << 80, length: 48, "NAT64"),
            v6(0x0100 << 112, length: 64, "discard-only"),
            v6(0x2001 << 112, length: 32, "Teredo"),
            v6(0x2001_0DB8 << 96, length: 32, "documentation"),
            v6(0x2001 << 112, length: 23, "reserved"),
            v6(0x2002 << 112, length: 16, "6to4"),
            v6(0x3FFF << 112, length: 20, "documentation"),
            v6(0xFC00 << 112, length: 7, "unique local"),
            v6(0xFE80 << 112, length: 10, "link-local"),
            v6(0xFEC0 << 112, length: 10, "site-local"),
            v6(0xFF00 << 112, length: 8, "multicast"),
        ]

    private static func v4(
        _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32, length: Int, _ name: String
    ) -> (range: NetworkRange, name: String) {
        (NetworkRange(IPAddress(v4: a << 24 | b << 16 | c << 8 | d), length: length), name)
    }

    private static func v6(_ bits: UInt128, length: Int, _ name: String) -> (range: NetworkRange, name: String) {
        (NetworkRange(IPAddress(v6: bits), length: length), name)
    }
}
