/// Why a transfer brought no answer. The text holds no secret, no recipient and no body.
package struct TransferFailure: Error, Sendable, Equatable {
    /// What went wrong, as a closed set that a channel can switch over.
    package enum Kind: Sendable, Equatable {
        /// The name did not resolve.
        case dns
        /// No connection: refused, unreachable, or the connect limit passed.
        case connect
        /// The TLS handshake or the certificate, also a mail server that offers no STARTTLS where it is required.
        case tls
        /// The process has no descriptor left for a connection; nothing is known of the other side.
        case descriptors
        /// The limit for the whole attempt passed, or no mail session took a mail for as long.
        case timeout
        /// The connection ended in the middle, or what came was no HTTP or SMTP.
        case reset
        /// The address is not one that may be connected to; carries the address.
        case blocked(String)
        /// The URL is not one that a request may go to.
        case badURL
        /// The request itself cannot be sent: a line break in a header, an address that is none.
        case invalid
        /// The mail server lacks what this mail needs: SMTPUTF8, 8BITMIME, or the size.
        case unsupported
        /// The mail's ``MailRequest/notAfter`` came before a session took it: nothing of it was sent.
        case expired
        /// The thread was told to give up.
        case cancelled
        /// Anything else; the message says what.
        case other
    }

    package let kind: Kind
    /// True where the peer may have acted on the request although no answer came: the outcome is ambiguous.
    package let requestSent: Bool
    /// One clear sentence for a log or a dead letter.
    package let message: String

    package init(_ kind: Kind, requestSent: Bool = false, _ message: String) {
        self.kind = kind
        self.requestSent = requestSent
        self.message = message
    }

    /// The kind as one word, for a metric label.
    package var code: String {
        switch kind {
        case .dns: "dns"
        case .connect: "connect"
        case .tls: "tls"
        case .descriptors: "descriptors"
        case .timeout: "timeout"
        case .reset: "reset"
        case .blocked: "blocked"
        case .badURL: "bad_url"
        case .invalid: "invalid"
        case .unsupported: "unsupported"
        case .expired: "expired"
        case .cancelled: "cancelled"
        case .other: "other"
        }
    }
}
