import Time

/// The mail side of the transfer thread: one pool of sessions for each server.
final class MailTransfers {
    /// How exact deadlines are kept while mails are at work.
    private static let sweepInterval = Duration.milliseconds(100)

    /// Where sessions read to, one at a time.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 * 1024, alignment: 16)
    private let settings: TransferSettings
    private let multis: CurlMultis
    private let poller: EventPoller
    private let finished: CompletionBatch
    private var pools: [MailServer: MailPool] = [:]
    private var sessions: [UInt32: MailSession] = [:]
    /// Sessions that ended while they were in use further up the stack; freed at the end of the round.
    private var ended: [MailSession] = []
    private var lastIdentifier: UInt32 = 0
    private var nextSweep = MonotonicTime.now

    init(settings: TransferSettings, multis: CurlMultis, poller: EventPoller, finished: CompletionBatch) {
        self.settings = settings
        self.multis = multis
        self.poller = poller
        self.finished = finished
    }

    deinit { buffer.deallocate() }

    func start(_ token: UInt64, _ request: MailRequest) {
        pool(of: request.server).enqueue(MailJob(token, request))
    }

    private func pool(of server: MailServer) -> MailPool {
        if let pool = pools[server] { return pool }
        let pool = MailPool(server: server, settings: settings, poller: poller, owner: self)
        pools[server] = pool
        return pool
    }

    /// One round: hands out mails, keeps deadlines, frees what ended.
    func advance(isLast: Bool) {
        guard !pools.isEmpty else { return }
        if isLast {
            for pool in pools.values { pool.closeAll() }
        } else {
            for pool in pools.values { pool.dispatch() }
        }
        let now = MonotonicTime.now
        if now >= nextSweep {
            nextSweep = now + Self.sweepInterval
            for (server, pool) in pools {
                pool.sweep(now: now)
                if pool.isEmpty { pools[server] = nil }
            }
        }
        ended.removeAll()
    }

    /// Sessions that send a mail.
    var atWork: Int { pools.values.reduce(0) { $0 + $1.atWork } }

    /// Something happened to a session's connection.
    func handle(_ identifier: UInt32, _ event: EventPoller.Event) { sessions[identifier]?.handle(event) }

    /// How long the thread may sleep without missing a deadline by much.
    var millisecondsToNextLook: Int32 {
        if pools.isEmpty { return 60_000 }
        return pools.values.contains(where: \.hasJobs) ? Int32(Self.sweepInterval.milliseconds) : 1_000
    }

    func cancelAll() {
        for pool in pools.values { pool.cancelAll() }
    }

    // MARK: - For the pools

    /// A session that libcurl is opening.
    ///
    /// - Throws: kind `other` where the server's name is none or memory is short: no mail is wrong then.
    func makeSession(_ server: MailServer, pool: MailPool) throws(TransferFailure) -> MailSession {
        let url = try server.url()
        lastIdentifier = (lastIdentifier + 1) % UInt32(Int32.max)
        let made = MailSession(settings: settings, server: server, url: url, identifier: lastIdentifier, pool: pool)
        // libcurl only opens sessions: one loop is enough for them.
        guard let session = made, let loop = multis.loop(0), loop.add(session) else {
            throw TransferFailure(.other, "no memory for another session with the mail server")
        }
        sessions[session.identifier] = session
        return session
    }

    func finished(_ job: MailJob, _ result: TransferResult) {
        finished.append(job.token, result, startedAt: job.startedAt)
    }

    func closed(_ session: MailSession) {
        guard sessions.removeValue(forKey: session.identifier) != nil else { return }
        multis.loop(0)?.remove(session)
        ended.append(session)
    }
}
