internal import DeadLetters
internal import Delivery
internal import JSONBytes
internal import Kafka
internal import Notifications
internal import Time

/// Records for the retry, dead letter and status topics. A work counts as done when they are acknowledged.
extension Engine {
    /// Hands a record to a retry topic; that ends it here.
    func forward(_ work: Work, to tier: Int, notBefore: UnixTime) {
        reporter.forwarded(tier: tier)
        tracing?.forwards(work, to: settings.retryTopic(tier))
        let state = RetryHeaders.State(
            attempts: work.attempts, firstFailure: work.firstFailure ?? wallClock(), notBefore: notBefore)
        outbox.post(
            Outbox.Letter(
                kind: .retry, topic: settings.retryTopic(tier),
                content: work.record.content.with(
                    RetryHeaders.make(work.record, state: state, origin: work.origin)), work: work))
        conclude(work)
    }

    /// Another rest in a retry topic that is no attempt.
    func rest(_ work: Work, _ time: Duration, _ wall: UnixTime) {
        let tier = settings.retry.tier(covering: time)
        forward(work, to: tier, notBefore: wall.adding(max(time, .zero)))
    }

    /// Hands a record to the dead letter topic, with its last status; that ends it.
    func deadLetter(
        _ work: Work, _ reason: DeadLetter.Reason, status: StatusRecord.Status = .failed,
        duration: Duration? = nil
    ) {
        reporter.ended("dead_letter", class: reason.class.rawValue)
        reporter.deadLettered(reason)
        tracing?.forwards(work, to: settings.deadLetterTopic, error: reason.class.rawValue)
        report(
            work, status, isFinal: true, wallClock(),
            failure: Failure(class: reason.class.rawValue, code: reason.code, message: reason.message),
            duration: duration)
        let letter = DeadLetter(of: work.record, from: work.origin, because: reason, attempts: work.attempts)
        outbox.post(Outbox.Letter(letter, to: settings.deadLetterTopic, work: work))
        conclude(work)
    }

    /// Says on the status topic how an attempt ended, or that there will be none. Silent about what has no id. What came
    /// from outside is cut to 1 KiB, so that the record is small whatever it was made of.
    func report(
        _ work: Work, _ status: StatusRecord.Status, isFinal: Bool, _ wall: UnixTime, failure: Failure? = nil,
        code: String? = nil, attempt: Int? = nil, next: UnixTime? = nil, duration: Duration? = nil,
        detail: StatusDetail = [:]
    ) {
        guard let topic = settings.statusTopic, let notification = work.notification else { return }
        let record = StatusRecord(
            id: notification.id, channel: settings.channel, status: status, attempt: attempt ?? work.attempts, at: wall,
            isFinal: isFinal, eventID: HeaderText.shortened(notification.event.id),
            userID: notification.userID.map { HeaderText.shortened($0) },
            destination: work.destination?.name, class: failure?.class, code: failure?.code ?? code,
            message: failure.map { HeaderText.shortened($0.message) }, nextAttemptAt: next,
            durationMilliseconds: duration.map { Int($0.milliseconds) }, detail: detail)
        statusBuffer.removeAll()
        record.write(to: &statusBuffer)
        var key = record.key
        let content = key.withUTF8 { key in
            RecordContent(
                key: UnsafeRawBufferPointer(key), value: statusBuffer.bytes, header: WireHeader.traceparent.name,
                work.traceparent.map(HeaderText.shortened))
        }
        outbox.post(Outbox.Letter(kind: .status, topic: topic, content: content, work: work))
    }

    // MARK: - Acknowledgements

    func pollOutbox(timeout: Duration = .zero) {
        outbox.poll(.now, timeout: timeout) { event in
            switch event {
            case .acknowledged(let letter): settle(letter)
            case .failed(let letter, let error): reporter.sendFailed(letter.kind, error)
            case .refused(let letter, let error): refused(letter, error)
            }
        }
    }

    private func settle(_ letter: Outbox.Letter) {
        letter.work.openSends -= 1
        completeIfAcknowledged(letter.work)
    }

    /// The broker will never take the letter as it is, mostly because it is too large.
    private func refused(_ letter: Outbox.Letter, _ error: KafkaError) {
        reporter.sendFailed(letter.kind, error)
        switch letter.kind {
        case .deadLetter:
            // Where nothing smaller can be sent the record waits, and the alarm stays, until somebody helps.
            if let smaller = letter.smaller { outbox.replace(with: smaller) } else { outbox.keep(letter) }
        case .retry:
            let reason = DeadLetter.Reason(
                class: .tooLarge, code: "too_large", message: "the retry topic refuses the record: \(error.code)",
                stage: "forward")
            deadLetter(letter.work, reason)
            settle(letter)
        case .status:
            // It is small by construction: a topic that refuses it would refuse it for ever.
            reporter.statusDropped(error)
            settle(letter)
        }
    }
}
