internal import Time

/// The sessions with one mail server, and the mails that wait for one. Owned by the transfer thread.
final class MailPool {
    /// How long no further session is tried while others work and the last one could not be opened.
    private static let pause = Duration.seconds(5)

    let poller: EventPoller
    /// Where sessions read to, one at a time.
    let buffer: UnsafeMutableRawBufferPointer
    private let server: MailServer
    private let settings: TransferSettings
    private unowned let owner: MailTransfers
    private var sessions: [MailSession] = []
    /// The last used one is at the end, so that those not needed grow old.
    private var ready: [MailSession] = []
    private var waiting: [MailJob] = []
    private var openNotBefore = MonotonicTime.now
    /// When a session took a mail last.
    private var lastTaken = MonotonicTime.now

    init(server: MailServer, settings: TransferSettings, poller: EventPoller, owner: MailTransfers) {
        self.server = server
        self.settings = settings
        self.poller = poller
        self.owner = owner
        buffer = owner.buffer
    }

    var isEmpty: Bool { sessions.isEmpty && waiting.isEmpty }
    var atWork: Int { sessions.count { $0.job != nil } }
    var hasJobs: Bool { !waiting.isEmpty || atWork > 0 }

    func enqueue(_ job: MailJob, first: Bool = false) {
        waiting.insert(job, at: first ? 0 : waiting.endIndex)
    }

    /// Gives waiting mails to sessions that are ready, and opens sessions for the rest.
    func dispatch() {
        endExpired()
        // A mail may come back to the front while it begins, so each is taken out before.
        while !waiting.isEmpty, let session = ready.popLast() {
            lastTaken = .now
            session.begin(waiting.removeFirst())
        }
        openSessions()
    }

    /// By the wall clock, as is the moment that each of them names.
    private func endExpired() {
        guard !waiting.isEmpty else { return }
        let now = UnixTime.now()
        let failure = TransferFailure(.expired, "the mail's time was over before a session took it")
        endWaiting(.failed(failure)) { job in job.request.notAfter.map { $0 <= now } ?? false }
    }

    private func openSessions() {
        guard !waiting.isEmpty, sessions.isEmpty || openNotBefore <= .now else { return }
        let opening = sessions.count { $0.isOpening }
        // The first session goes ahead alone: a wrong password is tried once, not sixteen times.
        let isProven = opening < sessions.count
        let limit = isProven ? settings.mailSessionsPerServer : 1
        let wanted = min(waiting.count - opening, limit - sessions.count)
        for _ in 0..<max(0, wanted) {
            do throws(TransferFailure) {
                sessions.append(try owner.makeSession(server, pool: self))
            } catch {
                return endWaiting(.failed(error))
            }
        }
    }

    /// Ends what took too long: mails, and sessions that nobody needs.
    func sweep(now: MonotonicTime) {
        failStuck(now: now)
        for session in sessions where !session.isOpening {
            if session.job != nil {
                if session.deadline <= now { session.abandon(.timeout, "the mail server did not answer in time") }
            } else if now - session.lastUsed > settings.mailSessionIdleLimit {
                session.close(politely: session.isReady)
            }
        }
    }

    /// While sessions take mails, the others wait for their turn, however long that is: their own time has not begun.
    /// Where none has taken any for as long as a mail and the next session may need, the server does nothing for us.
    private func failStuck(now: MonotonicTime) {
        let isStuck = { [lastTaken, settings] (job: MailJob) in
            max(lastTaken, job.startedAt) + (job.request.timeout + settings.connectTimeout) <= now
        }
        let failure = TransferFailure(.timeout, "no session with the mail server became free in time")
        endWaiting(.failed(failure), where: isStuck)
    }

    func cancelAll() {
        let text = "the mail was given up because the sender stops"
        endWaiting(.failed(TransferFailure(.cancelled, text)))
        for session in sessions where session.job != nil { session.abandon(.cancelled, text) }
    }

    func closeAll() {
        for session in sessions { session.close(politely: session.isReady) }
    }

    // MARK: - What sessions tell

    func isReady(_ session: MailSession) {
        ready.append(session)
    }

    func finished(_ job: MailJob, _ result: TransferResult) {
        owner.finished(job, result)
    }

    /// While other sessions work, their server is there and merely wants no more of them; else nobody can be served.
    func failedToOpen(_ session: MailSession, _ result: TransferResult) {
        closed(session)
        openNotBefore = .now + Self.pause
        if sessions.isEmpty { endWaiting(result) }
    }

    func closed(_ session: MailSession) {
        sessions.removeAll { $0 === session }
        ready.removeAll { $0 === session }
        owner.closed(session)
    }

    /// Ends the waiting mails that are chosen; none of them was sent.
    private func endWaiting(_ result: TransferResult, where isChosen: (MailJob) -> Bool = { _ in true }) {
        guard waiting.contains(where: isChosen) else { return }
        let chosen = waiting.filter(isChosen)
        waiting.removeAll(where: isChosen)
        for job in chosen { finished(job, result) }
    }
}
