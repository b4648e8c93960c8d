import Delivery
import Testing
import Transfer

@testable import EmailChannel

struct EmailChannelTests {
    /// A mail that waits for a session waits for one mail at most, and no session waits for a mail.
    @Test func twiceAsManyMailsAsSessionsAreAtWork() throws {
        var config = Samples.config()
        config.transfer.mailSessionsPerServer = 3
        let channel = EmailChannel(config)
        #expect(try channel.destination(of: Samples.notification()).maxInFlight == 6)
    }
}
