/// What one transaction holds, and every decision about it: when to commit, which offsets, where to rewind to after an
/// abort, and which record to set aside when the broker refuses the transaction again and again.
///
/// A pure value: no clock of its own, no Kafka. Topics are indexes into the list of inputs.
package struct TransactionBatch {
    /// How large a transaction may grow.
    package struct Limits: Sendable {
        /// The longest time between the first record and the commit.
        package var interval: Duration = .milliseconds(100)
        package var records = 10_000
        /// Bytes of input values.
        package var bytes = 8 << 20

        package init() {}
    }

    /// A record's coordinates.
    package struct Place: Hashable, Sendable {
        package var topic: Int
        package var partition: Int32
        package var offset: Int64

        package init(topic: Int, partition: Int32, offset: Int64) {
            self.topic = topic
            self.partition = partition
            self.offset = offset
        }
    }

    /// What becomes of a record.
    package enum Treatment: Sendable, Equatable {
        case map
        /// The broker refused the transaction of this record alone: to events.dlq as it is.
        case deadLetter
        /// The broker refused even that: its first bytes only.
        case truncatedDeadLetter
        /// The broker refused even that: without its headers, and with the first bytes of its key.
        case bareDeadLetter
    }

    /// What an aborted transaction asks for.
    package enum Verdict: Sendable, Equatable {
        /// Go on reading at ``rewind``.
        case again
        /// Every treatment of this record was refused.
        case hopeless(Place)
    }

    private let limits: Limits
    private var first: [Slot: Int64] = [:]
    private var next: [Slot: Int64] = [:]
    private var lastSlot: (slot: Slot, next: Int64)?
    private var startedAt: ContinuousClock.Instant?
    private(set) package var records = 0
    private var bytes = 0
    /// Less than the limit while a refused record is looked for: halved by a refusal, doubled by a success.
    private var allowance: Int
    private var setAside: [Place: SetAside] = [:]
    /// The records of the transaction, in their order.
    private var places: [Place] = []

    package init(_ limits: Limits) {
        self.limits = limits
        allowance = limits.records
    }

    /// Whether the transaction has a record: it is begun with the first one, so that there are no empty ones.
    package var isOpen: Bool { records > 0 }

    // MARK: - Growing

    package func treatment(of place: Place) -> Treatment {
        setAside.isEmpty ? .map : setAside[place]?.treatment ?? .map
    }

    /// Kafka's code for why the record was set aside; nil for one that was not.
    package func refusal(of place: Place) -> String? { setAside.isEmpty ? nil : setAside[place]?.code }

    /// Counts a record whose outputs are part of the transaction now.
    ///
    /// - Returns: what the record is called in ``aborted(because:refused:)``.
    @discardableResult
    package mutating func add(
        _ place: Place, bytes size: Int, now: @autoclosure () -> ContinuousClock.Instant
    ) -> Int {
        if records == 0 { startedAt = now() }
        records += 1
        places.append(place)
        bytes += size
        let slot = Slot(topic: place.topic, partition: place.partition)
        // Records come in runs of one partition: most need no look into a dictionary.
        if let known = lastSlot, known.slot == slot, place.offset >= known.next {
            lastSlot?.next = place.offset + 1
            return records - 1
        }
        settleRun()
        // Lower only when the log was made anew: the offsets of the old one are of no more use to go back to.
        first[slot] = min(first[slot] ?? .max, place.offset)
        lastSlot = (slot, place.offset + 1)
        return records - 1
    }

    /// Whether the transaction takes no further record.
    package var isFull: Bool { records >= allowance || bytes >= limits.bytes }

    /// Whether to commit now. A quiet input is committed at once, a busy one at the interval.
    package func isDue(now: ContinuousClock.Instant, drained: Bool) -> Bool {
        guard let startedAt else { return false }
        return drained || isFull || now - startedAt >= limits.interval
    }

    // MARK: - Ending

    /// The offsets that the transaction commits: of each partition the one behind the last record.
    package mutating func offsets() -> [Place] {
        settleRun()
        return next.map { Place(topic: $0.key.topic, partition: $0.key.partition, offset: $0.value) }
    }

    /// Where to go on reading after an abort: at the first record of each partition.
    package mutating func rewind() -> [Place] {
        settleRun()
        return first.map { Place(topic: $0.key.topic, partition: $0.key.partition, offset: $0.value) }
    }

    /// The partition has left while the transaction was open: its next owner decides where to go on, not ``rewind()``.
    /// The transaction can only be aborted after this.
    package mutating func forget(topic: Int, partition: Int32) {
        settleRun()
        let slot = Slot(topic: topic, partition: partition)
        first[slot] = nil
        next[slot] = nil
    }

    /// The partition's log was made anew: what is known of its records is of others now.
    package mutating func forgetSetAside(topic: Int, partition: Int32) {
        setAside = setAside.filter { place, _ in place.topic != topic || place.partition != partition }
    }

    /// The transaction is committed.
    package mutating func committed() {
        for (slot, end) in next where !setAside.isEmpty {
            setAside = setAside.filter { place, _ in
                !(place.topic == slot.topic && place.partition == slot.partition && place.offset < end)
            }
        }
        allowance = min(limits.records, allowance * 2)
        clear()
    }

    /// Why a transaction was aborted.
    package enum Cause: Sendable {
        /// Nothing to do with its records.
        case other
        /// The broker does not take one of the records, and never will.
        case refusal
        /// The last record cannot even be sent.
        case refusalOfLast
    }

    /// The transaction is aborted; ask for ``rewind()`` before.
    ///
    /// A single record that was refused is set aside. Of several in one batch it is not known which one is the reason:
    /// the next transaction has half as many, until one is left. After one that ended with a record that could not be
    /// sent, the next ends with it, too.
    ///
    /// - Parameters:
    ///   - refused: the records that the broker has refused, as ``add(_:bytes:now:)`` called them, where known.
    ///   - code: Kafka's code for what went wrong.
    package mutating func aborted(because cause: Cause, refused: Set<Int> = [], code: String = "UNKNOWN") -> Verdict {
        defer { clear() }
        guard let last = places.last else { return .again }
        switch cause {
        case .other: return .again
        case .refusalOfLast:
            // The next one ends behind it: with another such record further on, all of this would be read once more.
            allowance = max(1, records)
            return setAside(last, code)
        case .refusal:
            let suspects =
                refused.isEmpty ? places[...] : places.indices.filter(refused.contains).map { places[$0] }[...]
            guard suspects.count > 1 else { return suspects.first.map { setAside($0, code) } ?? .again }
            allowance = max(1, suspects.count / 2)
            return .again
        }
    }

    private mutating func setAside(_ place: Place, _ code: String) -> Verdict {
        let treatment: Treatment
        switch self.treatment(of: place) {
        case .map: treatment = .deadLetter
        case .deadLetter: treatment = .truncatedDeadLetter
        case .truncatedDeadLetter: treatment = .bareDeadLetter
        case .bareDeadLetter: return .hopeless(place)
        }
        // The first code is about what became of the event, the others are about its dead letter.
        setAside[place] = SetAside(treatment: treatment, code: refusal(of: place) ?? code)
        return .again
    }

    private mutating func settleRun() {
        guard let run = lastSlot else { return }
        next[run.slot] = run.next
        lastSlot = nil
    }

    private mutating func clear() {
        first.removeAll(keepingCapacity: true)
        next.removeAll(keepingCapacity: true)
        lastSlot = nil
        startedAt = nil
        places.removeAll(keepingCapacity: true)
        records = 0
        bytes = 0
    }

    private struct SetAside {
        let treatment: Treatment
        let code: String
    }

    private struct Slot: Hashable {
        var topic: Int
        var partition: Int32
    }
}
