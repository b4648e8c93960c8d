import CommandLineKit
import DeliveryEngine
import EmailChannel
import Lifecycle
import SMSChannel
import SlackChannel
import TestKit
import Testing
import WebhookChannel

/// The files of `config/` as the executables read them.
struct ShippedConfigurationTests {
    private static let required: [String: String] = [
        "SMTP_HOST": "127.0.0.1", "EMAIL_FROM": "hello@example.com", "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "token", "TWILIO_FROM": "+15005550006", "ORDERS_WEBHOOK_URL": "https://example.com/orders",
        "ORDERS_WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "SLACK_WEBHOOK_URL": "https://example.com/services/x",
    ]

    static let services: [(name: String, service: ConsumerService)] = [
        ("email", EmailChannel.service), ("sms", SMSChannel.service), ("webhook", WebhookChannel.service),
        ("slack", SlackChannel.service),
    ]

    /// What `--check` of a file says: its errors, or nothing.
    private static func check(_ service: ConsumerService, _ file: String, _ environment: [String: String]) -> String {
        var errors = ""
        let code = ServiceCommand.run(
            service, arguments: ["--check", "--config", file], environment: environment,
            output: .init(write: { _ in }, writeError: { errors += $0 }))
        return code == .ok ? errors : "\(code): \(errors)"
    }

    @Test(arguments: services)
    func isGoodAsItStands(name: String, service: ConsumerService) {
        #expect(Self.check(service, Repository.path("config/\(name).yaml"), Self.required) == "")
    }

    /// Every key that a comment shows is one that the executable knows, with a value that it takes.
    @Test(arguments: services)
    func isGoodWithEveryCommentedKey(name: String, service: ConsumerService) throws {
        let lines = Repository.text("config/\(name).yaml").split(separator: "\n", omittingEmptySubsequences: false)
        let uncommented = lines.map { line -> String in
            guard let hash = line.firstIndex(of: "#"), line[..<hash].allSatisfy({ $0 == " " }) else {
                return String(line)
            }
            let rest = line[line.index(after: hash)...].drop(while: { $0 == " " })
            let isKey = rest.prefix(while: { $0 != ":" }).allSatisfy({ $0.isLowercase || $0 == "_" || $0 == "." })
            // What follows the hash and one blank is the line as it would stand.
            return isKey && rest.contains(":") ? "\(line[..<hash])\(line[line.index(after: hash)...].dropFirst())" : ""
        }
        let directory = TemporaryDirectory()
        directory.write("endpoints.yaml", Repository.text("config/endpoints.yaml"))
        for certificate in ["ca.pem", "client.pem", "client.key"] { directory.write(certificate, "") }
        let file = directory.write("\(name).yaml", uncommented.joined(separator: "\n"))
        let secrets = ["KAFKA_PASSWORD": "p", "KAFKA_KEY_PASSWORD": "p", "SMTP_SECRET": "p", "TWILIO_SECRET": "t"]
        let environment = Self.required.merging(secrets) { $1 }
        #expect(Self.check(service, file, environment) == "")
    }
}
