import Kafka

/// What the core does about every answer of a broker that is not a success, by request.
enum ErrorTable {
    /// What must come of an answer.
    enum Reaction: Sendable {
        /// librdkafka asks again by itself; the core does not notice.
        case tolerates
        /// An abort, then the same records again.
        case readsAgain
        /// Smaller and smaller transactions, until the one record that is refused goes to the dead letters.
        case isolates
        /// The process ends with 70: only a new one can go on.
        case leaves
    }

    struct Row: Sendable, CustomStringConvertible {
        let request: MockCluster.Request
        let answers: [BrokerAnswer]
        let reaction: Reaction
        /// How many transactions are aborted.
        let aborts: Int

        var description: String { "\(answers.map { "\($0)" }.joined(separator: ", ")) to \(request)" }
    }

    static let rows = tolerated + readAgain + isolated + fenced + broken

    private static let transactional: [MockCluster.Request] = [
        .initProducerID, .addPartitions, .addOffsets, .transactionOffsets, .endTransaction,
    ]

    /// The coordinator is somewhere else, busy or away; a partition's leader is.
    private static let tolerated =
        table(
            transactional,
            [.coordinatorLoading, .coordinatorNotAvailable, .notCoordinator, .concurrentTransactions, .disconnect],
            .tolerates)
        + table([.addPartitions], [.unknownTopic], .tolerates)
        + table(
            [.produce], [.notLeader, .requestTimedOut, .notEnoughReplicas, .notEnoughReplicasAfterAppend, .disconnect],
            .tolerates)

    /// This membership, this topic or this transaction is of no use now; the next one may be.
    private static let readAgain =
        table(
            [.transactionOffsets, .addOffsets],
            [.illegalGeneration, .unknownMember, .fencedInstance, .rebalanceInProgress, .groupAuthorizationFailed],
            .readsAgain, aborts: 1)
        + table([.addPartitions], [.topicAuthorizationFailed], .readsAgain, aborts: 1)
        + table([.produce], [.unknownProducer], .readsAgain, aborts: 1)
        + table([.produce], [.topicAuthorizationFailed], .readsAgain, aborts: 1 + gap)
        + [.requestTimedOut, .notEnoughReplicas].map { answer in
            // The second one is the answer to the abort, which goes on until it succeeds.
            Row(request: .endTransaction, answers: [answer, answer], reaction: .readsAgain, aborts: 1)
        }

    /// Four records are refused, then two, then one.
    private static let isolated = [.messageTooLarge, .recordListTooLarge, .invalidRecord, .invalidTimestamp].map {
        Row(request: .produce, answers: [$0, $0, $0], reaction: .isolates, aborts: 3 + gap)
    }

    /// A refused batch leaves a gap in the partition's sequence, which the broker finds in the next transaction only:
    /// librdkafka wants that aborted as well, to go on with a new epoch.
    private static let gap = 1

    /// Another process has taken over the name of this one.
    private static let fenced =
        table(transactional + [.produce], [.invalidProducerEpoch, .producerFenced], .leaves)
        + table([.joinGroup], [.fencedInstance], .leaves)

    /// The broker and the producer disagree about what there is.
    private static let broken =
        table([.addPartitions, .addOffsets, .endTransaction], [.invalidTransactionState], .leaves)
        + table(transactional, [.transactionalIDAuthorizationFailed], .leaves)
        + table([.initProducerID], [.invalidTransactionTimeout], .leaves)
        + table([.produce], [.outOfOrderSequence], .leaves)

    private static func table(
        _ requests: [MockCluster.Request], _ answers: [BrokerAnswer], _ reaction: Reaction, aborts: Int = 0
    ) -> [Row] {
        requests.flatMap { request in
            answers.map { Row(request: request, answers: [$0], reaction: reaction, aborts: aborts) }
        }
    }
}

/// Error codes of Kafka's protocol.
enum BrokerAnswer: Int32, Sendable {
    case unknownTopic = 3, notLeader = 6, requestTimedOut = 7, messageTooLarge = 10
    case coordinatorLoading = 14, coordinatorNotAvailable = 15, notCoordinator = 16
    case recordListTooLarge = 18, notEnoughReplicas = 19, notEnoughReplicasAfterAppend = 20
    case illegalGeneration = 22, unknownMember = 25, rebalanceInProgress = 27
    case topicAuthorizationFailed = 29, groupAuthorizationFailed = 30, invalidTimestamp = 32
    case outOfOrderSequence = 45, invalidProducerEpoch = 47, invalidTransactionState = 48
    case invalidTransactionTimeout = 50, concurrentTransactions = 51, transactionalIDAuthorizationFailed = 53
    case unknownProducer = 59, fencedInstance = 82, invalidRecord = 87, producerFenced = 90
    /// No answer: the connection breaks.
    case disconnect = -195
}
