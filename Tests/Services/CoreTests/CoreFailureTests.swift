import Kafka
import Lifecycle
import Settings
import Testing

@testable import Core

struct CoreFailureTests {
    /// The broker ends a transaction that is open for too long, whatever the reason: it says only that it did.
    @Test(arguments: [[:], ["INSTANCE_ID": "core-0"]])
    func aFencedCoreNamesEveryCause(_ environment: [String: String]) {
        let settings = CoreSettings(SettingsReader(file: nil, environment: environment))
        let error = KafkaError(code: "PRODUCER_FENCED", message: "there is a newer producer", isFatal: true)
        let message = CoreFailure.fatal(error, settings).message
        let seconds = environment.isEmpty ? 10 : 30
        #expect(message.hasPrefix("Fenced: ") && message.hasSuffix("(PRODUCER_FENCED: there is a newer producer)"))
        #expect(
            message.contains(
                "stood still or could not reach Kafka for longer than transaction_timeout (\(seconds)s)"))
        #expect(message.contains("another process runs with INSTANCE_ID core-0") == !environment.isEmpty)
    }

    /// The group's word, which a session that ran out can bring, too.
    @Test
    func aFencedMemberNamesItsSession() {
        let settings = CoreSettings(SettingsReader(file: nil, environment: ["INSTANCE_ID": "core-0"]))
        let error = KafkaError(code: "FENCED_INSTANCE_ID", message: "fenced by another consumer", isFatal: true)
        let message = CoreFailure.fatal(error, settings).message
        #expect(message.contains("another process runs with INSTANCE_ID core-0 in the group notificationhub-core"))
        #expect(message.contains("longer than session_timeout (20s)"))
    }

    static let ends: [(String, Bool, ExitCode)] = [
        ("_INVALID_ARG", true, .configuration), ("_FAIL", true, .fatal), ("_SSL", false, .unavailable),
    ]

    @Test(arguments: ends)
    func theStartTellsConfigurationFromTheRest(_ code: String, _ isFatal: Bool, _ exitCode: ExitCode) {
        let settings = CoreSettings(SettingsReader(file: nil, environment: [:]))
        let error = KafkaError(code: code, message: "text", isFatal: isFatal)
        #expect(CoreFailure.start(error, settings).exitCode == exitCode)
    }
}
