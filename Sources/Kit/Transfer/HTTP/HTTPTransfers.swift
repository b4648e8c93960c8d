internal import CCurl
internal import Time

/// The HTTP side of the transfer thread: exchanges at work, and those that wait to be used again.
final class HTTPTransfers {
    private let settings: TransferSettings
    private let policy: AddressPolicy
    private let multis: CurlMultis
    private let finished: CompletionBatch
    /// Every exchange that was made; as many as were ever in flight at once.
    private var exchanges: [HTTPExchange] = []
    private var idle: [HTTPExchange] = []

    init(settings: TransferSettings, multis: CurlMultis, finished: CompletionBatch) {
        self.settings = settings
        self.multis = multis
        self.finished = finished
        policy = AddressPolicy(allowNetworks: settings.allowNetworks)
    }

    /// Exchanges that libcurl has.
    var atWork: Int { exchanges.count - idle.count }

    func start(_ token: UInt64, _ request: HTTPRequest) {
        guard let exchange = idle.popLast() ?? make() else {
            return fail(token, startedAt: .now, TransferFailure(.other, "no memory for another request"))
        }
        exchange.prepare(token, request)
        guard let loop = multis.enter(host: exchange.host) else {
            idle.append(exchange)
            return fail(token, startedAt: .now, TransferFailure(.other, "no memory for another loop of libcurl"))
        }
        exchange.loop = loop
        guard loop.add(exchange) else {
            release(exchange)
            return fail(token, startedAt: .now, TransferFailure(.other, "libcurl did not take the request"))
        }
    }

    func finish(_ exchange: HTTPExchange, _ code: CURLcode) {
        let result = exchange.result(code)
        release(exchange)
        finished.append(exchange.token, result, startedAt: exchange.startedAt)
    }

    func cancelAll() {
        for exchange in exchanges where exchange.loop != nil {
            let failure = TransferFailure(
                .cancelled, requestSent: exchange.wasSent, "the request was given up because the sender stops")
            release(exchange)
            fail(exchange.token, startedAt: exchange.startedAt, failure)
        }
    }

    /// Frees the handles; nothing may be active.
    func close() {
        idle.removeAll()
        exchanges.removeAll()
    }

    private func make() -> HTTPExchange? {
        guard let exchange = HTTPExchange(settings: settings, policy: policy, share: multis.share.pointer, owner: self)
        else {
            return nil
        }
        exchanges.append(exchange)
        return exchange
    }

    private func release(_ exchange: HTTPExchange) {
        if let loop = exchange.loop {
            loop.remove(exchange)
            multis.leave(loop, host: exchange.host)
        }
        exchange.loop = nil
        idle.append(exchange)
    }

    private func fail(_ token: UInt64, startedAt: MonotonicTime, _ failure: TransferFailure) {
        finished.append(token, .failed(failure), startedAt: startedAt)
    }
}
