import Events

/// One kind of input record: an event's type, in one of the forms that events come in.
struct Sample {
    enum Form: String {
        case plain, binary, structured
    }

    let type: String
    let form: Form

    /// All that is mapped: each default route's event, one that no route wants, and the CloudEvents forms of the first.
    static let all =
        Workload.types.map { Sample(type: $0, form: .plain) } + [
            Sample(type: "order.created", form: .binary), Sample(type: "order.created", form: .structured),
        ]

    /// As a line of a table names it.
    var name: String { form == .plain ? type : "\(type), \(form)" }
    var isWanted: Bool { type != Workload.unwanted }

    /// Lends the record as the core sees it, without a key.
    func withRecord<Result>(_ body: (InputRecord) throws -> Result) rethrows -> Result {
        var owned: [[UInt8]] = headers.flatMap { [Array($0.utf8), Array($1.utf8)] }
        owned += [Array("order.events".utf8), value]
        let copies = owned.map { bytes in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
            copy.copyBytes(from: bytes)
            return UnsafeRawBufferPointer(copy)
        }
        defer { for copy in copies { copy.deallocate() } }
        var record = InputRecord(
            topic: copies[copies.count - 2], partition: 0, offset: 1, timestamp: 1_700_000_000_000, key: nil,
            value: copies[copies.count - 1])
        record.headers = headers.indices.map { InputHeader(name: copies[2 * $0], value: copies[2 * $0 + 1]) }
        return try body(record)
    }

    private var value: [UInt8] {
        let event = Workload.event(type)
        guard form == .structured else { return event }
        let head =
            #"{"specversion":"1.0","type":"\#(type)","id":"e-000001","source":"/shop","time":"2026-11-21T01:00:00Z","data":"#
        return Array(head.utf8) + event + [UInt8(ascii: "}")]
    }

    private var headers: [(name: String, value: String)] {
        switch form {
        case .plain: []
        case .structured: [("content-type", "application/cloudevents+json")]
        case .binary:
            [
                ("ce_specversion", "1.0"), ("ce_type", type), ("ce_id", "e-000001"), ("ce_source", "/shop"),
                ("ce_time", "2026-11-21T01:00:00Z"), ("content-type", "application/json"),
            ]
        }
    }
}
