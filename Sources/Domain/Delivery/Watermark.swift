/// Turns offsets that complete in any order into the one offset of a partition that may be committed.
///
/// One value per assignment of a partition. Offsets that were never received, because of compaction or of
/// transaction markers, count as done. Only completed work moves the mark: never what was merely seen.
package struct Watermark: Sendable {
    private struct Entry: Sendable {
        let offset: Int64
        var isDone: Bool
    }

    package enum Receipt: Sendable, Equatable {
        /// To be worked on; `complete` is owed.
        case new
        /// Done before a restart, as the commit's metadata says.
        case completedBefore
        /// Below what was received: the log was truncated or made anew, and what stands there now may be another
        /// record. Nothing changes; a new watermark must start here.
        case rewound
    }

    /// Which assignment of the partition this is; a completion of another one is ignored.
    package let epoch: Int
    /// Received offsets from the first incomplete one on.
    private var entries = Queue<Entry>()
    private var completedBefore: CompletedOffsets
    /// One past the last received offset, at first where reading starts.
    private var nextExpected: Int64
    private var doneCount = 0

    /// Every received offset below is done; never decreases. The offset to commit.
    package private(set) var committable: Int64

    /// - Parameters:
    ///   - start: the committed offset, where reading starts.
    ///   - completed: what was completed above it, from the commit's metadata.
    package init(epoch: Int, start: Int64, completed: CompletedOffsets = CompletedOffsets()) {
        self.epoch = epoch
        committable = start
        nextExpected = start
        completedBefore = completed
    }

    /// Received and not complete.
    package var openCount: Int { entries.count - doneCount }
    package var isIdle: Bool { openCount == 0 }
    /// How far reading is ahead of the mark, in offsets.
    package var span: Int64 { max(0, nextExpected - committable) }

    /// A record arrived. Offsets arrive in ascending order; any other is reported and otherwise ignored.
    package mutating func receive(_ offset: Int64) -> Receipt {
        guard offset >= nextExpected else { return .rewound }
        nextExpected = offset + 1
        let isDone = completedBefore.contains(offset)
        entries.append(Entry(offset: offset, isDone: isDone))
        if isDone { doneCount += 1 }
        advance()
        return isDone ? .completedBefore : .new
    }

    /// The work of an offset is done: delivered, or acknowledged in another topic.
    ///
    /// - Returns: `false` for another epoch or an offset that is not open, which changes nothing.
    @discardableResult
    package mutating func complete(_ offset: Int64, epoch: Int) -> Bool {
        guard epoch == self.epoch, let index = index(of: offset), let entry = entries[index], !entry.isDone else {
            return false
        }
        entries[index] = Entry(offset: offset, isDone: true)
        doneCount += 1
        advance()
        return true
    }

    /// When nothing is open, reading has reached `position`: what lies between is no records (control records).
    package mutating func reachedIdle(_ position: Int64) {
        guard isIdle, position > committable, position >= nextExpected else { return }
        committable = position
        nextExpected = position
    }

    /// What is done above the mark: for the commit's metadata.
    package var completedAbove: CompletedOffsets {
        var result = CompletedOffsets()
        var position = committable
        for index in 0..<entries.count {
            guard let entry = entries[index], !entry.isDone else { continue }
            result.append(position..<entry.offset)
            position = entry.offset + 1
        }
        result.append(position..<max(position, nextExpected))
        for range in completedBefore.from(nextExpected).ranges { result.append(range) }
        return result
    }

    private mutating func advance() {
        while let first = entries.first, first.isDone {
            _ = entries.popFirst()
            doneCount -= 1
            committable = first.offset + 1
        }
        if let first = entries.first { committable = max(committable, first.offset) }
    }

    private func index(of offset: Int64) -> Int? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            guard let entry = entries[middle] else { return nil }
            if entry.offset < offset { low = middle + 1 } else { high = middle }
        }
        guard low < entries.count, let entry = entries[low], entry.offset == offset else { return nil }
        return low
    }
}
