import Delivery
import Settings
import Testing
import Transfer

@testable import ChannelSupport

struct SettingsTests {
    @Test func networksCanBeOpened() throws {
        let reader = SettingsReader(file: nil, environment: ["ALLOW_NETWORKS": "127.0.0.0/8, fd00::/8"])
        let settings = TransferSettings(reading: reader)
        try reader.finish()
        #expect(settings.allowNetworks.map(\.description) == ["127.0.0.0/8", "fd00::/8"])
        #expect(settings.caFile == nil && settings.connectTimeout == .seconds(10))
    }

    @Test func aNetworkThatIsNoneIsAFault() {
        let reader = SettingsReader(file: nil, environment: ["ALLOW_NETWORKS": "localhost"])
        _ = TransferSettings(reading: reader)
        let error = #expect(throws: SettingsError.self) { try reader.finish() }
        #expect(error?.faults.map(\.key) == ["ALLOW_NETWORKS"])
    }

    static let rates: [(yaml: String, rate: Destination.Rate?)] = [
        ("rate: 50/s", Destination.Rate(count: 50, per: .seconds(1))), ("rate: fast", nil), ("{}", nil),
    ]

    @Test(arguments: rates)
    func readsRates(yaml: String, rate: Destination.Rate?) throws {
        let reader = SettingsReader(file: "x.yaml", node: try YAMLNode.parse(yaml, file: "x.yaml"), environment: [:])
        #expect(Destination.Rate(reading: reader) == rate)
        if yaml.contains("fast") { #expect(throws: SettingsError.self) { try reader.finish() } }
    }
}
