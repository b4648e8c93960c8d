internal import CCurl
internal import Time

/// One session with a mail server: libcurl connects, greets, encrypts and authenticates, then a dialogue of our own
/// sends the mails over libcurl's connection.
///
/// libcurl's own mail transfer blocks its whole loop while a server thinks about the end of a message; its connect
/// phase does not. Owned by the transfer thread.
final class MailSession: EasyTransfer {
    /// A message longer than this leaves no buffer of its size behind.
    private static let keptOutput = 256 * 1024

    let identifier: UInt32
    private(set) var lastUsed = MonotonicTime.now
    private(set) var job: MailJob?
    /// When the job must be over.
    private(set) var deadline = MonotonicTime.now
    private(set) var isOpening = true
    private unowned let pool: MailPool
    private let server: MailServer
    private var replies = SMTPReplyReader()
    private var lastReply: SMTPReply?
    private var capabilities = SMTPCapabilities()
    private var dialogue = SMTPDialogue(SMTPCapabilities())
    private var socket: curl_socket_t = CURL_SOCKET_BAD
    /// How much of the dialogue's output has left.
    private var sent = 0
    private var waitsForRoom = false
    private var mails = 0
    private let mailLimit: Int

    /// nil where memory is short.
    init?(settings: TransferSettings, server: MailServer, url: String, identifier: UInt32, pool: MailPool) {
        self.identifier = identifier
        self.pool = pool
        self.server = server
        mailLimit = settings.mailsPerSession
        super.init(settings: settings, protocols: "smtp,smtps")
        set(CURLOPT_URL, url)
        set(CURLOPT_CONNECT_ONLY, 1)
        set(CURLOPT_TIMEOUT_MS, settings.connectTimeout.curlMilliseconds)
        if server.security == .starttls { set(CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue)) }
        if let caFile = server.caFile { set(CURLOPT_CAINFO, caFile) }
        if let username = server.username {
            set(CURLOPT_USERNAME, username)
            set(CURLOPT_PASSWORD, server.password ?? "")
            // Left to itself, libcurl prefers Kerberos for a user name with a domain, and fails without a ticket.
            set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN;AUTH=CRAM-MD5")
        }
        set(CURLOPT_HEADERDATA, Unmanaged.passUnretained(self).toOpaque())
        _ = ccurl_set_write(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
            context.map { Unmanaged<MailSession>.fromOpaque($0).takeUnretainedValue() }?.receiveReplyLine(line)
            return size * count
        }
    }

    /// Whether the next mail can begin here.
    var isReady: Bool { !isOpening && socket != CURL_SOCKET_BAD && job == nil && dialogue.isReady }

    // MARK: - Opening

    private func receiveReplyLine(_ line: UnsafeRawBufferPointer) {
        replies.append(line)
        while let reply = try? replies.next() {
            lastReply = reply
            // 250 answers EHLO, before and again after STARTTLS; only the last one counts.
            if reply.code == 250 { capabilities = SMTPCapabilities(reply) }
        }
    }

    override func ended(_ code: CURLcode) {
        isOpening = false
        guard code == CURLE_OK else { return pool.failedToOpen(self, openingResult(code)) }
        guard server.username == nil || capabilities.authentication else {
            let reply = MailReply(code: 504, text: "the mail server offers no authentication", stage: .auth)
            return pool.failedToOpen(self, .mail(reply))
        }
        _ = ccurl_get_socket(easy, &socket)
        guard socket != CURL_SOCKET_BAD else {
            return pool.failedToOpen(self, .failed(TransferFailure(.reset, "the mail server closed the connection")))
        }
        dialogue = SMTPDialogue(capabilities)
        pool.poller.watch(socket, as: .session(identifier), isNew: true)
        // The first read ties the connection to this handle. Until then libcurl takes it for an idle one, and opening
        // another session would close it as soon as an answer waits on it.
        read()
        if socket != CURL_SOCKET_BAD { pool.isReady(self) }
    }

    private func openingResult(_ code: CURLcode) -> TransferResult {
        let place = "\(server.host):\(server.port)"
        switch code {
        case CURLE_LOGIN_DENIED:
            guard let lastReply, lastReply.isRefusal else {
                let text = "the mail server offers no way of authentication that is known here"
                return .mail(MailReply(code: 504, text: text, stage: .auth))
            }
            return .mail(lastReply.mailReply(at: .auth))
        case CURLE_USE_SSL_FAILED:
            let text = "mail server \(place) does not offer STARTTLS, which is required unless SMTP_TLS is off"
            return .failed(TransferFailure(.tls, text))
        default:
            if let lastReply, lastReply.isRefusal { return .mail(lastReply.mailReply(at: .greeting)) }
            let failure = failure(code, takeErrorText(code), isConnected: false)
            return .failed(TransferFailure(failure.kind, "mail server \(place): \(failure.message)"))
        }
    }

    // MARK: - Mails

    func begin(_ job: MailJob) {
        do throws(TransferFailure) {
            try dialogue.begin(job.request)
        } catch {
            pool.finished(job, .failed(error))
            return pool.isReady(self)
        }
        self.job = job
        mails += 1
        lastUsed = .now
        deadline = lastUsed + job.request.timeout
        flush()
    }

    func handle(_ event: EventPoller.Event) {
        if event.isWritable { flush() }
        if event.isReadable, socket != CURL_SOCKET_BAD { read() }
    }

    private func read() {
        let wasReady = isReady
        var again = true
        while again, socket != CURL_SOCKET_BAD {
            var count = 0
            let code = curl_easy_recv(easy, pool.buffer.baseAddress, pool.buffer.count, &count)
            if code == CURLE_AGAIN { break }
            guard code == CURLE_OK, count > 0 else { return lost("the mail server closed the connection") }
            // Behind TLS, bytes may wait that the poller does not know of.
            again = count == pool.buffer.count || server.security != .off
            take(dialogue.receive(UnsafeRawBufferPointer(rebasing: pool.buffer[..<count]), unsent: unsent))
        }
        if isReady, !wasReady { becomeReady() }
    }

    private var unsent: Int { dialogue.output.count - sent }

    private func take(_ step: SMTPDialogue.Step) {
        if let reply = step.reply, let job {
            self.job = nil
            pool.finished(job, .mail(reply))
        }
        lastUsed = .now
        if step.mustClose { lost("the mail server's answer ended the session") } else { flush() }
    }

    private func becomeReady() {
        if mails >= mailLimit { close(politely: true) } else { pool.isReady(self) }
    }

    private func flush() {
        while unsent > 0 {
            var count = 0
            let code = dialogue.output.withUnsafeBytes { bytes in
                curl_easy_send(easy, bytes.baseAddress.map { $0 + sent }, bytes.count - sent, &count)
            }
            if code == CURLE_AGAIN { return watch(writing: true) }
            guard code == CURLE_OK else { return lost("the mail server closed the connection") }
            sent += count
        }
        dialogue.output.removeAll(keepingCapacity: sent < Self.keptOutput)
        sent = 0
        watch(writing: false)
    }

    private func watch(writing: Bool) {
        guard writing != waitsForRoom else { return }
        waitsForRoom = writing
        pool.poller.watch(socket, as: .session(identifier), writing: writing, isNew: false)
    }

    // MARK: - The end

    /// The session is over without our doing.
    private func lost(_ message: String) {
        if let job {
            self.job = nil
            let failure = dialogue.failure(.reset, unsent: unsent, message)
            // A server may close a kept session at any time; its first answer missing means that it never saw this
            // mail.
            if mails > 1, !dialogue.hasAnswer, !job.wasMoved {
                job.wasMoved = true
                pool.enqueue(job, first: true)
            } else {
                pool.finished(job, .failed(failure))
            }
        }
        close(politely: false)
    }

    /// Gives up the mail at work, and with it the session.
    func abandon(_ kind: TransferFailure.Kind, _ message: String) {
        if let job {
            self.job = nil
            pool.finished(job, .failed(dialogue.failure(kind, unsent: unsent, message)))
        }
        close(politely: false)
    }

    /// Says QUIT where that is possible, and does not wait for the answer.
    func close(politely: Bool) {
        if socket != CURL_SOCKET_BAD {
            if politely, unsent == 0 {
                var count = 0
                _ = "QUIT\r\n".withCString { curl_easy_send(easy, $0, 6, &count) }
            }
            pool.poller.remove(socket)
            socket = CURL_SOCKET_BAD
        }
        pool.closed(self)
    }
}
