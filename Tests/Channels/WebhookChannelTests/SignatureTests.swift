import Settings
import Testing
import Time

@testable import WebhookChannel

struct SignatureTests {
    static let secret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    static let other = Secret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX")

    @Test func signsThePublishedExample() throws {
        let header = Signature.header(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: "1614265330", body: Array(#"{"test": 2432232314}"#.utf8),
            secrets: [try SigningSecret(Self.secret)])
        #expect(header == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func everySecretSignsWhileRotating() throws {
        let secrets = [try SigningSecret(Self.other), try SigningSecret(Self.secret)]
        let header = Signature.header(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: "1614265330", body: Array(#"{"test": 2432232314}"#.utf8),
            secrets: secrets)
        let parts = header.split(separator: " ")
        #expect(parts.count == 2)
        #expect(parts.first?.hasPrefix("v1,") == true)
        #expect(parts.last == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    static let refused: [(text: String, message: String)] = [
        ("", "a secret must start with whsec_"),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a secret must start with whsec_"),
        ("whsec_not base64!", "a secret must be base64 behind whsec_"),
        ("whsec_", "a secret must hold 24 to 64 bytes behind whsec_, this one holds 0"),
        ("whsec_" + repeated("AAAA", 7) + "AA==", "a secret must hold 24 to 64 bytes behind whsec_, this one holds 22"),
        ("whsec_" + repeated("AAAA", 22), "a secret must hold 24 to 64 bytes behind whsec_, this one holds 66"),
    ]

    @Test(arguments: refused)
    func refusesOtherSecrets(text: String, message: String) {
        let fault = #expect(throws: SigningSecret.Fault.self) { try SigningSecret(Secret(text)) }
        #expect(fault?.message == message)
    }

    @Test(arguments: [24, 64])
    func acceptsTheLimits(count: Int) throws {
        let base64 = count == 24 ? Self.repeated("AAAA", 8) : Self.repeated("AAAA", 21) + "AA=="
        _ = try SigningSecret(Secret("whsec_" + base64))
    }

    private static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
}
