/// What to transfer.
package enum TransferRequest: Sendable {
    case http(HTTPRequest)
    case mail(MailRequest)

    /// How long the attempt may take; with mail from the moment a session takes it.
    package var timeout: Duration {
        switch self {
        case .http(let request): request.timeout
        case .mail(let request): request.timeout
        }
    }
}

/// One attempt that the transfer thread is to make.
package struct TransferJob: Sendable {
    /// Chosen by the submitter, returned with the completion.
    package let token: UInt64
    package let request: TransferRequest

    package init(token: UInt64, request: TransferRequest) {
        self.token = token
        self.request = request
    }
}

/// How an attempt ended.
package enum TransferResult: Sendable {
    case http(HTTPResponse)
    case mail(MailReply)
    case failed(TransferFailure)
}

/// The end of one job. Every submitted job has exactly one.
package struct TransferCompletion: Sendable {
    package let token: UInt64
    package let result: TransferResult
    /// From the moment the transfer thread took the job.
    package let duration: Duration

    package init(token: UInt64, result: TransferResult, duration: Duration) {
        self.token = token
        self.result = result
        self.duration = duration
    }
}
