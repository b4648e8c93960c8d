internal import CRdKafka

/// What the librdkafka that is loaded can do: the executables are linked dynamically, and run with any since 2.0.2.
package enum LibraryVersion {
    package static let name = String(cString: rd_kafka_version_str())
    private static let number = rd_kafka_version()

    /// Whether a property says how soon a full prefetch queue is looked at again, see ``FetchRefill``.
    static let hasRefillProperty = number >= 0x02_02_00_00

    /// Before, it sends the client's nonce twice, which Kafka takes for a wrong password since 4.0 (librdkafka #4895).
    static let canSCRAM = number >= 0x02_06_01_00

    /// Before 2.3 it aborts the process when a member of a cooperative group leaves that has not been given anything yet
    /// (librdkafka #4381), and before 2.6.1 more members than partitions, which groups of retry topics easily have, can
    /// keep it dividing for ever (#4783).
    static let canCooperate = number >= 0x02_06_01_00

    /// From 2.2 until 2.13.2 a batch with the end of a partition in it moves the position of reading behind the record
    /// that will stand there (librdkafka #5213); a poll for single records does not.
    static let batchesSkipBehindEnds = number >= 0x02_02_00_00 && number < 0x02_0d_02_00

    /// Since 2.10 it drops a broker that the cluster does not name for a moment, and a transaction whose group was
    /// coordinated there may never get its offsets (librdkafka #5511); the call does not return, since no version looks
    /// at its time limit (#5456). Seen with 2.16.0 and a single broker. No release that mends it is known.
    package static let mayHangInCommit = number >= 0x02_0a_00_00
}
