/// Limits and trust of one transfer thread.
package struct TransferSettings: Sendable {
    /// Addresses that HTTP may connect to although they are not public, and by plain `http:` too.
    package var allowNetworks: [NetworkRange]
    /// PEM file with the authorities to trust instead of the system's.
    package var caFile: String?
    /// Idle HTTP connections that are kept for reuse; in all never more than half of the process's descriptors.
    package var maxConnections: Int
    /// Sessions that may be open to one mail server.
    package var mailSessionsPerServer: Int
    /// How many mails one session carries; some servers count them.
    package var mailsPerSession: Int
    /// How long a mail session without work stays open.
    package var mailSessionIdleLimit: Duration
    /// Limit for resolving, connecting and TLS, and with mail for the greeting and AUTH too.
    package var connectTimeout: Duration
    /// The `User-Agent` of every HTTP request.
    package var userAgent: String

    package init(
        allowNetworks: [NetworkRange] = [], caFile: String? = nil, maxConnections: Int = 2_000,
        mailSessionsPerServer: Int = 16, mailsPerSession: Int = 1_000,
        mailSessionIdleLimit: Duration = .seconds(60), connectTimeout: Duration = .seconds(10),
        userAgent: String = "NotificationHub"
    ) {
        self.allowNetworks = allowNetworks
        self.caFile = caFile
        self.maxConnections = maxConnections
        self.mailSessionsPerServer = mailSessionsPerServer
        self.mailsPerSession = mailsPerSession
        self.mailSessionIdleLimit = mailSessionIdleLimit
        self.connectTimeout = connectTimeout
        self.userAgent = userAgent
    }
}
