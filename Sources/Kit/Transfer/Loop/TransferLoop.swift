import Glibc
import Lifecycle
import Synchronization

/// What the transfer thread does, round by round: take jobs, let libcurl and the mail sessions work, deliver, wait.
// Safe because everything but the mailbox and the flag is touched by the transfer thread only.
final class TransferLoop: @unchecked Sendable {
    /// From so many transfers at work on, answers wait for company: microseconds for each transfer, at most.
    private static let company = 8
    private static let patience = (each: 16, all: 1_000)

    let mailbox: Mailbox<TransferJob>
    private let cancelRequested = Atomic<Bool>(false)
    private let poller: EventPoller
    private let multis: CurlMultis
    private let http: HTTPTransfers
    private let mail: MailTransfers
    private let finished = CompletionBatch()
    private let onCompletion: @Sendable ([TransferCompletion]) -> Void

    init(
        settings: TransferSettings, onCompletion: @escaping @Sendable ([TransferCompletion]) -> Void
    ) throws(TransferFailure) {
        guard let poller = EventPoller(),
            let multis = CurlMultis(
                maxConnections: settings.maxConnections, descriptors: DescriptorLimit.current, poller: poller)
        else {
            throw TransferFailure(.other, "no memory or descriptors for the transfer thread")
        }
        self.poller = poller
        self.multis = multis
        self.onCompletion = onCompletion
        mailbox = Mailbox(wake: { poller.wake() })
        http = HTTPTransfers(settings: settings, multis: multis, finished: finished)
        mail = MailTransfers(settings: settings, multis: multis, poller: poller, finished: finished)
    }

    /// From any thread.
    func cancelAll() {
        cancelRequested.store(true, ordering: .releasing)
        poller.wake()
    }

    /// Runs until the mailbox is closed, and cancels what is left then.
    func run() {
        blockBrokenPipes()
        var isLast = false
        while !isLast {
            // Asked before the jobs are taken: a closed mailbox takes no more, so this round gets the last ones.
            isLast = mailbox.isClosed
            for job in mailbox.takeAll() { start(job) }
            if cancelRequested.exchange(false, ordering: .acquiring) || isLast { cancelEverything() }
            multis.advance()
            mail.advance(isLast: isLast)
            let completions = finished.take()
            if !completions.isEmpty { onCompletion(completions) }
            if !isLast { wait() }
        }
        http.close()
    }

    /// OpenSSL writes to connections that may be closed. The signal goes to the thread that writes, and libcurl was
    /// told to leave signals alone.
    private func blockBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    private func start(_ job: TransferJob) {
        switch job.request {
        case .http(let request): http.start(job.token, request)
        case .mail(let request): mail.start(job.token, request)
        }
    }

    private func cancelEverything() {
        http.cancelAll()
        mail.cancelAll()
    }

    /// Under load a round for each answer would cost more than the answer, here and where it is delivered to.
    private func wait() {
        let atWork = http.atWork + mail.atWork
        if atWork >= Self.company { usleep(UInt32(min(atWork * Self.patience.each, Self.patience.all))) }
        poller.wait(milliseconds: multis.patience(mail.millisecondsToNextLook)) { event in
            switch event.source {
            case .transfer(let socket, let loop): multis.handle(socket, of: loop, event)
            case .session(let identifier): mail.handle(identifier, event)
            }
        }
    }
}
