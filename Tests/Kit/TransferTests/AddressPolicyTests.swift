import Testing

@testable import Transfer

@Suite struct AddressPolicyTests {
    static let blocked: [(text: String, name: String)] = [
        ("0.0.0.0", "unspecified"), ("0.1.2.3", "unspecified"), ("10.0.0.1", "private"),
        ("10.255.255.255", "private"), ("100.64.0.1", "shared (CGNAT)"), ("100.127.255.255", "shared (CGNAT)"),
        ("127.0.0.1", "loopback"), ("127.255.255.254", "loopback"), ("169.254.169.254", "link-local"),
        ("172.16.0.1", "private"), ("172.31.255.255", "private"), ("192.0.0.8", "reserved"),
        ("192.0.2.1", "documentation"), ("192.88.99.1", "6to4"), ("192.168.1.1", "private"),
        ("198.18.0.1", "benchmarking"), ("198.19.255.255", "benchmarking"), ("198.51.100.7", "documentation"),
        ("203.0.113.9", "documentation"), ("224.0.0.1", "multicast"), ("239.255.255.255", "multicast"),
        ("240.0.0.1", "reserved"), ("255.255.255.255", "broadcast"),
        ("::", "unspecified"), ("::1", "loopback"), ("::ffff:127.0.0.1", "v4-mapped"),
        ("::ffff:8.8.8.8", "v4-mapped"), ("::7f00:1", "v4-compatible"), ("64:ff9b::a00:1", "NAT64"),
        ("64:ff9b:1::1", "NAT64"), ("100::1", "discard-only"), ("2001::1", "Teredo"),
        ("2001:0:4136:e378::1", "Teredo"), ("2001:2::1", "reserved"), ("2001:20::1", "reserved"),
        ("2001:db8::1", "documentation"), ("2002:7f00:1::1", "6to4"), ("3fff::1", "documentation"),
        ("fc00::1", "unique local"), ("fd12:3456::1", "unique local"), ("fe80::1", "link-local"),
        ("fec0::1", "site-local"), ("ff02::1", "multicast"), ("4000::1", "reserved"), ("200::1", "reserved"),
    ]

    @Test(arguments: blocked) func blocksWhatIsNotPublic(row: (text: String, name: String)) throws {
        let address = try #require(IPAddress(row.text))
        #expect(AddressPolicy().refusal(of: address, isEncrypted: true) == .notPublic(row.name))
        // Opened address by address, nothing but that address opens.
        let opened = AddressPolicy(allowNetworks: [try NetworkRange(row.text)])
        #expect(opened.refusal(of: address, isEncrypted: false) == nil)
    }

    static let open: [String] = [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255",
        "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2001:200::1", "2001:4860:4860::8888",
        "2003::1", "2606:4700:4700::1111", "2a00:1450::1", "3ffe::1",
    ]

    @Test(arguments: open) func letsPublicAddressesThroughEncryptedOnly(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressPolicy().refusal(of: address, isEncrypted: true) == nil)
        #expect(AddressPolicy().refusal(of: address, isEncrypted: false) == .notEncrypted)
        #expect(address.description == text)
    }

    static let allowed: [(network: String, address: String, isOpen: Bool)] = [
        ("127.0.0.0/8", "127.1.2.3", true), ("127.0.0.0/8", "::ffff:127.0.0.1", true), ("127.0.0.0/8", "::1", false),
        ("127.0.0.1", "127.0.0.2", false), ("::1", "::1", true), ("fd00::/8", "fd99::1", true),
        ("fd00::/8", "fc00::1", false), ("0.0.0.0/0", "10.0.0.1", true), ("0.0.0.0/0", "fe80::1", false),
        ("::/0", "fe80::1", true), ("::/0", "10.0.0.1", false), ("10.0.0.0/8", "64:ff9b::a00:1", false),
    ]

    @Test(arguments: allowed) func opensExactlyTheAllowedNetworks(row: (network: String, address: String, isOpen: Bool))
        throws
    {
        let policy = AddressPolicy(allowNetworks: [try NetworkRange(row.network)])
        let address = try #require(IPAddress(row.address))
        #expect((policy.refusal(of: address, isEncrypted: false) == nil) == row.isOpen)
    }

    static let faults: [(text: String, message: String)] = [
        ("", "\"\" is not a network; write it like 10.0.0.0/8 or fd00::/8"),
        ("localhost", "\"localhost\" is not a network; write it like 10.0.0.0/8 or fd00::/8"),
        ("10.1", "\"10.1\" is not a network; write it like 10.0.0.0/8 or fd00::/8"),
        ("10.0.0.0/33", "\"10.0.0.0/33\" needs a length from 0 to 32 behind the slash"),
        ("10.0.0.0/", "\"10.0.0.0/\" needs a length from 0 to 32 behind the slash"),
        ("10.0.0.0/-1", "\"10.0.0.0/-1\" needs a length from 0 to 32 behind the slash"),
        ("::/129", "\"::/129\" needs a length from 0 to 128 behind the slash"),
        ("10.1.2.3/8", "\"10.1.2.3/8\" has bits set behind its length; did you mean 10.0.0.0/8?"),
        ("fd00::1/8", "\"fd00::1/8\" has bits set behind its length; did you mean fd00::/8?"),
    ]

    @Test(arguments: faults) func tellsWhatIsWrongWithANetwork(row: (text: String, message: String)) {
        let fault = #expect(throws: NetworkRange.Fault.self) { try NetworkRange(row.text) }
        #expect(fault?.message == row.message)
    }
}
