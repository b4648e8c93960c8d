internal import ChannelSupport
internal import Delivery
internal import Settings
internal import Transfer

extension SMSConfig {
    /// Reads the section `twilio` of `sms.yaml`.
    ///
    /// - Returns: nil where a value is missing or wrong; the reader has noted the fault then.
    init?(reading reader: SettingsReader) {
        let twilio = reader.section("twilio")
        let base = twilio.string("base_url", env: "TWILIO_BASE_URL", default: "https://api.twilio.com")
        accountSID = twilio.requiredString("account_sid", env: "TWILIO_ACCOUNT_SID")
        authToken = twilio.requiredSecret("auth_token", env: "TWILIO_AUTH_TOKEN").value
        let from = twilio.requiredString("from", env: "TWILIO_FROM")
        timeout = twilio.duration("timeout", default: .seconds(15), in: .seconds(1) ... .seconds(600))
        rate = Destination.Rate(reading: twilio)
        sender = Sender(from)
        if !accountSID.utf8.allSatisfy(Self.isIdentifierByte) {
            twilio.report("account_sid", "must be letters and digits")
            return nil
        }
        if !authToken.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
            twilio.report("auth_token", "must not hold blanks or control characters")
        }
        if !from.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) {
            twilio.report("from", "must be a phone number, a sender name, or a messaging service's id")
        }
        guard let url = Self.url(base, accountSID, twilio) else { return nil }
        self.url = url
    }

    private static func url(_ base: String, _ accountSID: String, _ reader: SettingsReader) -> WebAddress? {
        let root = base.hasSuffix("/") ? String(base.dropLast()) : base
        guard !root.contains("?"), !root.contains("#") else {
            reader.report("base_url", "must not hold a query or a fragment")
            return nil
        }
        do throws(TransferFailure) {
            return try WebAddress("\(root)/2010-04-01/Accounts/\(accountSID)/Messages.json")
        } catch {
            reader.report("base_url", error.message)
            return nil
        }
    }

    private static func isIdentifierByte(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
    }
}
